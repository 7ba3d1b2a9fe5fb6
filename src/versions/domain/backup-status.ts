/**
 * Backup state of a version: only in the database, also in the backup store, or read back from there and compared.
 */
export const BACKUP_STATUSES = ['pending', 'stored', 'verified'] as const;
export type BackupStatus = (typeof BACKUP_STATUSES)[number];

/** How far the backup store has followed the journal, as sequence numbers. */
export interface VaultMarks {
  stored: number;
  verified: number;
}

/** The marks of an installation with an empty backup store. */
export const NOTHING_STORED: VaultMarks = { stored: 0, verified: 0 };

/** The backup status of a row whose newest event is `seq`. It follows from the marks, so no row is updated for it. */
export function backupStatus(seq: number, marks: VaultMarks): BackupStatus {
  if (seq > marks.stored) return 'pending';
  return seq <= marks.verified ? 'verified' : 'stored';
}

/** The sequence numbers of rows with a backup status: after `above`, up to and including `upTo`. */
export function seqsOf(
  status: BackupStatus,
  { stored, verified }: VaultMarks,
): { above?: number; upTo?: number } {
  if (status === 'pending') return { above: stored };
  return status === 'stored' ? { above: verified, upTo: stored } : { upTo: Math.min(verified, stored) };
}
