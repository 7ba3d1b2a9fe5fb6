import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import type { RunLease } from '../platform/jobs/job';
import type { Generation } from './domain/generations';
import type { VaultStateRow, VerificationRow } from './domain/vault.entity';
import { NightReadsStore } from './night-reads.store';
import { VaultStore } from './vault.store';
import type { Share } from './verification-planner';

/** What a verification found to be right. */
export interface Finding {
  generation: Generation;
  /** The last segment's place. */
  place: number;
  /** Whether the segments before were read, too. */
  whole: boolean;
  marks: Pick<Share, 'verified' | 'sweep'>;
}

/** The records of verifications, and the marks that they move. */
@Injectable()
export class VerificationRecords {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly reads: NightReadsStore,
    private readonly clock: Clock,
  ) {}

  state(): Promise<VaultStateRow | undefined> {
    return this.unitOfWork.read((em) => this.store.state(em));
  }

  async begin(record: VerificationRow, lease: RunLease): Promise<void> {
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.store.insertVerification(em, record);
    });
  }

  /** Never rejects. */
  async end(record: VerificationRow): Promise<void> {
    record.finished_at = this.clock.now();
    await this.unitOfWork.write((em) => this.store.updateVerification(em, record)).catch(() => undefined);
  }

  /** Whether an older generation has been removed, or is being removed. */
  isExpired(lineage: string, number: number): Promise<boolean> {
    return this.unitOfWork.read((em) => this.store.isExpired(em, lineage, number));
  }

  /** Records that an older generation was read back. */
  async noteRead({ lineage, number, places }: Generation, lease: RunLease): Promise<void> {
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.reads.markRead(em, lineage, number, places.length - 1, this.clock.now());
    });
  }

  /** Records that segments were read back and found equal, and what of the newest generation is verified now. */
  async noteVerified(
    { generation: { lineage, number }, place, whole, marks }: Finding,
    { recovery_ms }: VerificationRow,
    lease: RunLease,
  ): Promise<void> {
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      const now = this.clock.now();
      await this.store.markVerified(em, lineage, number, place, now);
      if (whole) await this.reads.markRead(em, lineage, number, place, now);
      const state = await this.store.state(em);
      if (state?.lineage !== lineage) return;
      await this.store.updateState(em, {
        ...state,
        verified_seq: Math.max(state.verified_seq, Math.min(marks.verified, state.stored_seq)),
        sweep_seq: marks.sweep,
        verified_at: now,
        recovery_ms: recovery_ms ?? state.recovery_ms,
      });
    });
  }
}
