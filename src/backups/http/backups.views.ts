import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsUUID } from 'class-validator';
import { toIso, toIsoOrNull } from '../../platform/clock/instant';
import { IsOptionalNotNull } from '../../platform/http/text.decorators';
import { uuidText } from '../../platform/ids/uuid';
import {
  BACKUP_RUN_STATUSES,
  RUN_KINDS,
  VERIFICATION_STATUSES,
  type BackupRunKind,
  type BackupRunRow,
  type BackupRunStatus,
  type VerificationRow,
  type VerificationStatus,
} from '../domain/vault.entity';
import type { AccountBackups } from '../account-backups.service';

const ID = '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11';
const TIME = '2026-11-23T09:15:00.000Z';
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

/** The kind of copy to make. */
export class StartRunBody {
  static readonly bodyIsOptional = true;

  @ApiPropertyOptional({
    default: 'incremental',
    enum: RUN_KINDS,
    example: 'incremental',
    description: '`incremental`: what is new; `full`: everything, a new generation.',
  })
  @IsIn(RUN_KINDS)
  kind: BackupRunKind = 'incremental';
}

/** What to verify. */
export class StartVerificationBody {
  static readonly bodyIsOptional = true;

  @ApiPropertyOptional({
    format: 'uuid',
    example: ID,
    description: 'Verify this run; without it, everything.',
  })
  @IsOptionalNotNull()
  @IsUUID()
  run_id?: string;
}

/** The backups of the caller's own data. */
export class BackupStatusView {
  @ApiProperty({ example: 12 })
  graphs!: number;

  @ApiProperty({ example: 340 })
  versions!: number;

  @ApiProperty({
    description: 'Versions that are not in the backup store yet, counted up to 10,000.',
    example: 2,
  })
  pending_versions!: number;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: TIME,
    description: 'Since when the oldest of them waits for its copy.',
  })
  oldest_pending_at!: string | null;

  @ApiProperty({ type: Number, nullable: true, example: 31, description: 'For how long, in seconds.' })
  oldest_pending_seconds!: number | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: TIME })
  last_stored_at!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: TIME })
  last_verified_at!: string | null;

  @ApiProperty({
    description: 'Bytes of all configs of all versions, as they were sent.',
    example: 7_340_032,
  })
  logical_bytes!: number;

  @ApiProperty({
    type: Number,
    nullable: true,
    example: 1_073_741_824,
    description: 'Limit of `logical_bytes` (`USER_QUOTA_BYTES`, the trash included); null: no limit.',
  })
  quota_bytes!: number | null;

  @ApiProperty({ description: 'Bytes that the versions take in the database.', example: 92_160 })
  stored_bytes!: number;

  static from(status: AccountBackups, now: number): BackupStatusView {
    const { pendingSince } = status;
    return {
      graphs: status.graphs,
      versions: status.versions,
      pending_versions: status.pendingVersions,
      oldest_pending_at: toIsoOrNull(pendingSince),
      oldest_pending_seconds:
        pendingSince === null ? null : Math.max(0, Math.round((now - pendingSince) / 1_000)),
      last_stored_at: toIsoOrNull(status.lastStored),
      last_verified_at: toIsoOrNull(status.lastVerified),
      logical_bytes: status.logicalBytes,
      quota_bytes: status.quotaBytes,
      stored_bytes: status.storedBytes,
    };
  }
}

/** A copy's record. */
export class BackupRunView {
  @ApiProperty({ format: 'uuid', example: ID })
  id!: string;

  @ApiProperty({ enum: RUN_KINDS, example: 'incremental' })
  kind!: BackupRunKind;

  @ApiProperty({ enum: BACKUP_RUN_STATUSES, example: 'stored' })
  status!: BackupRunStatus;

  @ApiProperty({ description: 'A full copy begins one.', example: 3 })
  generation!: number;

  @ApiProperty({ description: 'Versions in it.', example: 17 })
  versions!: number;

  @ApiProperty({ description: 'Bytes of the object.', example: 48_211 })
  bytes!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Its name in the backup store; null if it was not written, or has expired.',
    example: 'lineages/8f…/segments/0000000003/00000017-000000004211-part.seg',
  })
  object!: string | null;

  @ApiProperty({ type: String, nullable: true, example: SHA256 })
  sha256!: string | null;

  @ApiProperty({ format: 'date-time', example: TIME })
  started_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: TIME })
  finished_at!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  verified_at!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Why the run failed.', example: null })
  error!: string | null;

  static from(row: BackupRunRow): BackupRunView {
    return {
      id: uuidText(row.id),
      kind: row.kind,
      status: row.status,
      generation: row.generation,
      versions: row.versions,
      bytes: row.bytes,
      object: row.object,
      sha256: row.sha256,
      started_at: toIso(row.started_at),
      finished_at: toIsoOrNull(row.finished_at),
      verified_at: toIsoOrNull(row.verified_at),
      error: row.error,
    };
  }
}

/** A verification's record. */
export class BackupVerificationView {
  @ApiProperty({ format: 'uuid', example: ID })
  id!: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The run that was verified; null: everything, or the share of one night.',
    example: null,
  })
  run_id!: string | null;

  @ApiProperty({ enum: VERIFICATION_STATUSES, example: 'verified' })
  status!: VerificationStatus;

  @ApiProperty({ format: 'date-time', example: TIME })
  started_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: TIME })
  finished_at!: string | null;

  @ApiProperty({ description: 'Objects read back.', example: 1_440 })
  objects!: number;

  @ApiProperty({ description: 'Their bytes.', example: 73_400_320 })
  bytes!: number;

  @ApiProperty({ description: 'Graphs decoded and compared.', example: 12 })
  graphs!: number;

  @ApiProperty({ description: 'Versions decoded and compared.', example: 340 })
  versions!: number;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'How long reading the copies back into an empty database took, ms.',
    example: 5_400,
  })
  recovery_ms!: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'What is damaged, or why the verification failed.',
    example: null,
  })
  error!: string | null;

  static from(row: VerificationRow): BackupVerificationView {
    return {
      id: uuidText(row.id),
      run_id: row.run_id && uuidText(row.run_id),
      status: row.status,
      started_at: toIso(row.started_at),
      finished_at: toIsoOrNull(row.finished_at),
      objects: row.objects,
      bytes: row.bytes,
      graphs: row.graphs,
      versions: row.versions,
      recovery_ms: row.recovery_ms,
      error: row.error,
    };
  }
}
