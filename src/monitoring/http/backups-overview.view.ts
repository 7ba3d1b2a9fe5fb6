import { ApiProperty } from '@nestjs/swagger';
import { VERIFICATION_STATUSES, type VaultOverview } from '../../backups/vault-overview.service';
import { toIso, toIsoOrNull } from '../../platform/clock/instant';

const ID = '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11';
const TIME = '2026-11-23T09:15:00.000Z';
const time = (description: string) => ({
  type: String,
  format: 'date-time',
  nullable: true,
  description,
  example: TIME,
});

/** A failed run. */
export class FailedRunView {
  @ApiProperty({ format: 'uuid', description: 'See `GET /backups/runs/{id}`.', example: ID })
  run_id!: string;

  @ApiProperty({ format: 'date-time', example: TIME })
  at!: string;

  @ApiProperty({ type: String, nullable: true, example: 'The backup store is full (ENOSPC): make room.' })
  error!: string | null;
}

/** The newest completed verification. */
export class LastVerificationView {
  @ApiProperty({ format: 'uuid', example: ID })
  id!: string;

  @ApiProperty({ enum: VERIFICATION_STATUSES, example: 'verified' })
  status!: string;

  @ApiProperty({ format: 'date-time', example: TIME })
  started_at!: string;

  @ApiProperty(time('When it ended.'))
  finished_at!: string | null;

  @ApiProperty({ description: 'Objects read back.', example: 1_440 })
  objects!: number;

  @ApiProperty({ description: 'Their bytes.', example: 73_400_320 })
  bytes!: number;

  @ApiProperty({ description: 'Graphs decoded and compared.', example: 12 })
  graphs!: number;

  @ApiProperty({ description: 'Versions decoded and compared.', example: 340 })
  versions!: number;

  @ApiProperty({ type: String, nullable: true, description: 'What was found.', example: null })
  error!: string | null;

  static from(row: NonNullable<VaultOverview['lastVerification']>): LastVerificationView {
    return {
      id: row.id,
      status: row.status,
      started_at: toIso(row.started_at),
      finished_at: toIsoOrNull(row.finished_at),
      objects: row.objects,
      bytes: row.bytes,
      graphs: row.graphs,
      versions: row.versions,
      error: row.error,
    };
  }
}

/** Contents of the backup store, from the records in the database. */
export class VaultExtentView {
  @ApiProperty({ description: 'Number of copies.', example: 8_640 })
  objects!: number;

  @ApiProperty({ description: 'Their bytes.', example: 146_800_640 })
  bytes!: number;

  @ApiProperty({ description: 'Number of generations.', example: 2 })
  generations!: number;
}

/** `GET /monitoring/backups` */
export class BackupsOverviewView {
  @ApiProperty({
    description: 'Age of the oldest change that is not in the backup store; 0 if there is none.',
    example: 31.5,
  })
  lag_seconds!: number;

  @ApiProperty({
    description: 'Versions that are not in the backup store, counted up to 100,000.',
    example: 17,
  })
  pending_versions!: number;

  @ApiProperty(time('Time of the oldest change that is not in the backup store.'))
  pending_since!: string | null;

  @ApiProperty(time('When a backup run last succeeded, also if there was nothing to copy.'))
  last_success_at!: string | null;

  @ApiProperty(time('When a copy was last written.'))
  last_stored_at!: string | null;

  @ApiProperty(time('When the newest full copy was written.'))
  last_full_at!: string | null;

  @ApiProperty({
    description: 'The newest copies are damaged or missing; the next copy will be a full one.',
    example: false,
  })
  damaged!: boolean;

  @ApiProperty(time('Recovery point: a rebuild restores the state of this time.'))
  recovery_point_at!: string | null;

  @ApiProperty(time('The newest recovery point that was read back and compared.'))
  verified_recovery_point_at!: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    description:
      'Recovery time measured by the last verification: reading the newest copies into an empty database.',
    example: 5.4,
  })
  recovery_seconds!: number | null;

  @ApiProperty({ description: 'Runs that failed within the last 24 hours.', example: 0 })
  failed_runs_24h!: number;

  @ApiProperty({ type: FailedRunView, nullable: true, description: 'The newest failed run.' })
  last_failure!: FailedRunView | null;

  @ApiProperty({ type: LastVerificationView, nullable: true })
  last_verification!: LastVerificationView | null;

  @ApiProperty({ type: VaultExtentView })
  vault!: VaultExtentView;

  static from(overview: VaultOverview): BackupsOverviewView {
    const { lastFailure, lastVerification, recoveryTime } = overview;
    return {
      lag_seconds: overview.lag / 1_000,
      pending_versions: overview.pendingVersions,
      pending_since: toIsoOrNull(overview.pendingSince),
      last_success_at: toIsoOrNull(overview.lastSuccess),
      last_stored_at: toIsoOrNull(overview.lastStored),
      last_full_at: toIsoOrNull(overview.lastFull),
      damaged: overview.damaged,
      recovery_point_at: toIsoOrNull(overview.recoveryPoint),
      verified_recovery_point_at: toIsoOrNull(overview.verifiedRecoveryPoint),
      recovery_seconds: recoveryTime === null ? null : recoveryTime / 1_000,
      failed_runs_24h: overview.failedRunsInADay,
      last_failure: lastFailure && {
        run_id: lastFailure.runId,
        at: toIso(lastFailure.at),
        error: lastFailure.error,
      },
      last_verification: lastVerification && LastVerificationView.from(lastVerification),
      vault: overview.vault,
    };
  }
}
