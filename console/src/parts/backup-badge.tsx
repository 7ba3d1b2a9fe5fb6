const TEXTS = {
  pending: { tone: '', title: 'Stored here, not yet copied to the backup store.' },
  stored: { tone: 'info', title: 'Copied to the backup store.' },
  verified: { tone: 'ok', title: 'Copied to the backup store, read back from there and found equal.' },
};

/** How far the copy of a graph or version outside the database is. */
export function BackupBadge({ status }: { status: keyof typeof TEXTS }) {
  const { tone, title } = TEXTS[status];
  return (
    <span class={`badge ${tone}`} title={title}>
      {status}
    </span>
  );
}
