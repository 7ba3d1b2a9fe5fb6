/** Where a version's newest state is: only here, in the backup store too, or read back from there and found equal. */
export const BACKUP_STATUSES = ['pending', 'stored', 'verified'] as const;
export type BackupStatus = (typeof BACKUP_STATUSES)[number];

/** How far the backup store has followed the journal: sequence numbers. */
export interface VaultMarks {
  stored: number;
  verified: number;
}

/** The marks of an installation whose backup store holds nothing. */
export const NOTHING_STORED: VaultMarks = { stored: 0, verified: 0 };

/** The status of a row whose newest event is `seq`: it follows from the marks, so no row is touched to say it. */
export function backupStatus(seq: number, marks: VaultMarks): BackupStatus {
  if (seq > marks.stored) return 'pending';
  return seq <= marks.verified ? 'verified' : 'stored';
}
