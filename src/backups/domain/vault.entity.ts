import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/** How far the vault has followed the database; one row. Times are ms since the epoch. */
export interface VaultStateRow {
  id: number;
  /** The line of copies: 32 random hexadecimal digits; see `SegmentPlace`. */
  lineage: string;
  /** The newest generation; 0 before the first full copy. */
  generation: number;
  /** The place of the next segment in it. */
  next_index: number;
  /** The newest segment's name and hash (hexadecimal). */
  tip: string | null;
  tip_sha256: string | null;
  /** Every row up to this number of the journal is in the vault. */
  stored_seq: number;
  /** The newest seal of the journal that is in the vault; 0 for none. */
  seal: number;
  /** The newest seal of which the vault knows that its events have expired; 0 for none. */
  expired_seal: number;
  /** Every version up to this number was read back from there and found equal. */
  verified_seq: number;
  /** How far the current round of repeated verification is. */
  sweep_seq: number;
  /** 1: the newest generation is damaged or lost; only a full copy repairs that. */
  needs_full: number;
  full_at: number | null;
  /** When a run last succeeded, also if there was nothing to copy. */
  ok_at: number | null;
  stored_at: number | null;
  verified_at: number | null;
  /** Duration of the last verification that read everything into an empty database, ms. */
  recovery_ms: number | null;
}

export const RUN_KINDS = ['incremental', 'full'] as const;
export type BackupRunKind = (typeof RUN_KINDS)[number];
export const BACKUP_RUN_STATUSES = ['running', 'stored', 'verified', 'failed', 'corrupt'] as const;
export type BackupRunStatus = (typeof BACKUP_RUN_STATUSES)[number];

/** The record of one copy. */
export interface BackupRunRow {
  /** The 16 bytes of a UUIDv7. */
  id: Buffer;
  kind: BackupRunKind;
  status: BackupRunStatus;
  lineage: string;
  generation: number;
  place: number;
  from_seq: number;
  to_seq: number;
  versions: number;
  bytes: number;
  /** The segment's name; null if it was removed later. */
  object: string | null;
  sha256: string | null;
  started_at: number;
  finished_at: number | null;
  verified_at: number | null;
  /** When the segment was last read back by a verification; null: only after it was written. */
  read_at: number | null;
  error: string | null;
}

export const VERIFICATION_STATUSES = ['running', 'verified', 'failed', 'corrupt'] as const;
export type VerificationStatus = (typeof VERIFICATION_STATUSES)[number];

/** The record of one verification. */
export interface VerificationRow {
  id: Buffer;
  /** The run it was asked for; null: everything, or the night's share. */
  run_id: Buffer | null;
  /** 1: made by the job that copies, right after a full copy; 0: by the job that verifies. They may run at the same time. */
  after_copy: number;
  status: VerificationStatus;
  started_at: number;
  finished_at: number | null;
  /** Segments read, and their bytes. */
  objects: number;
  bytes: number;
  /** Graphs and versions decoded and compared. */
  graphs: number;
  versions: number;
  recovery_ms: number | null;
  error: string | null;
}

/** How far a rebuild is; one row in the database that is being made. */
export interface RebuildProgressRow {
  id: number;
  /** The store, and the last segment to read: a rebuild continues only with the same ones. */
  source: string;
  tip: string;
  /** The current segment, and how many of its frames are loaded. */
  segment: string;
  frames: number;
  finished: number;
}

export const vaultStateSchema = (column: PortableColumns) =>
  new EntitySchema<VaultStateRow>({
    name: 'vault_state',
    columns: {
      id: column.small({ primary: true, primaryKeyConstraintName: 'pk_vault_state' }),
      lineage: column.text(),
      generation: column.int64(),
      next_index: column.int(),
      tip: column.text({ nullable: true }),
      tip_sha256: column.text({ nullable: true }),
      stored_seq: column.int64(),
      seal: column.int64(),
      expired_seal: column.int64(),
      verified_seq: column.int64(),
      sweep_seq: column.int64(),
      needs_full: column.small(),
      full_at: column.int64({ nullable: true }),
      ok_at: column.int64({ nullable: true }),
      stored_at: column.int64({ nullable: true }),
      verified_at: column.int64({ nullable: true }),
      recovery_ms: column.int64({ nullable: true }),
    },
  });

export const backupRunSchema = (column: PortableColumns) =>
  new EntitySchema<BackupRunRow>({
    name: 'backup_runs',
    columns: {
      id: column.bytes({ primary: true, primaryKeyConstraintName: 'pk_backup_runs' }),
      kind: column.text(),
      status: column.text(),
      lineage: column.text(),
      generation: column.int64(),
      place: column.int(),
      from_seq: column.int64(),
      to_seq: column.int64(),
      versions: column.int(),
      bytes: column.int64(),
      object: column.text({ nullable: true }),
      sha256: column.text({ nullable: true }),
      started_at: column.int64(),
      finished_at: column.int64({ nullable: true }),
      verified_at: column.int64({ nullable: true }),
      read_at: column.int64({ nullable: true }),
      error: column.text({ nullable: true }),
    },
    indices: [{ name: 'ix_backup_runs_place', columns: ['lineage', 'generation', 'place'] }],
  });

export const verificationSchema = (column: PortableColumns) =>
  new EntitySchema<VerificationRow>({
    name: 'backup_verifications',
    columns: {
      id: column.bytes({ primary: true, primaryKeyConstraintName: 'pk_backup_verifications' }),
      run_id: column.bytes({ nullable: true }),
      after_copy: column.small(),
      status: column.text(),
      started_at: column.int64(),
      finished_at: column.int64({ nullable: true }),
      objects: column.int(),
      bytes: column.int64(),
      graphs: column.int(),
      versions: column.int(),
      recovery_ms: column.int64({ nullable: true }),
      error: column.text({ nullable: true }),
    },
  });

export const rebuildProgressSchema = (column: PortableColumns) =>
  new EntitySchema<RebuildProgressRow>({
    name: 'rebuild_progress',
    columns: {
      id: column.small({ primary: true, primaryKeyConstraintName: 'pk_rebuild_progress' }),
      source: column.text(),
      tip: column.text(),
      segment: column.text(),
      frames: column.int(),
      finished: column.small(),
    },
  });
