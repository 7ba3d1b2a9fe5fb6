import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidText } from '../platform/ids/uuid';
import { VERIFICATION_STATUSES, type VerificationRow } from './domain/vault.entity';
import { VaultFiguresStore, type VaultExtent } from './vault-figures.store';
import { VaultStore } from './vault.store';

export { VERIFICATION_STATUSES };

const DAY_MS = 86_400_000;

/** The state of all backups, according to the records of copies. Times and durations in ms. */
export interface VaultOverview {
  /** Age of the oldest change that is only in the database; 0 if there is none. */
  lag: number;
  pendingVersions: number;
  pendingSince: number | null;
  /** When a copy last succeeded, also with nothing to copy, and when one was last written. */
  lastSuccess: number | null;
  lastStored: number | null;
  lastFull: number | null;
  /** The newest copy is damaged or lost; the next one is a full one. */
  damaged: boolean;
  /** The state that a rebuild would bring back; and the newest one that was read back and found equal. */
  recoveryPoint: number | null;
  verifiedRecoveryPoint: number | null;
  /** Duration of the last verification that read everything. */
  recoveryTime: number | null;
  failedRunsInADay: number;
  lastFailure: { runId: string; at: number; error: string | null } | null;
  lastVerification: (Omit<VerificationRow, 'id' | 'run_id'> & { id: string }) | null;
  vault: VaultExtent;
}

/** Collects what operators need to know about backups. */
@Injectable()
export class VaultOverviewService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly figures: VaultFiguresStore,
    private readonly clock: Clock,
  ) {}

  read(): Promise<VaultOverview> {
    const now = this.clock.now();
    return this.unitOfWork.read(async (em) => {
      const state = await this.store.state(em);
      const pending = await this.figures.pending(em, state?.stored_seq ?? 0);
      const failure = await this.figures.lastFailure(em);
      const verification = await this.figures.lastVerification(em);
      return {
        lag: pending.since === null ? 0 : Math.max(0, now - pending.since),
        pendingVersions: pending.versions,
        pendingSince: pending.since,
        lastSuccess: state?.ok_at ?? null,
        lastStored: state?.stored_at ?? null,
        lastFull: state?.full_at ?? null,
        damaged: state?.needs_full === 1 && state.full_at !== null,
        recoveryPoint: (await this.figures.newest(em, false))?.started_at ?? null,
        verifiedRecoveryPoint: (await this.figures.newest(em, true))?.started_at ?? null,
        recoveryTime: state?.recovery_ms ?? null,
        failedRunsInADay: await this.store.failedSince(em, now - DAY_MS),
        lastFailure: failure
          ? {
              runId: uuidText(failure.id),
              at: failure.finished_at ?? failure.started_at,
              error: failure.error,
            }
          : null,
        lastVerification: verification ? { ...verification, id: uuidText(verification.id) } : null,
        vault: await this.figures.extent(em),
      };
    });
  }
}
