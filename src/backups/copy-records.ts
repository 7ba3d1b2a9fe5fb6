import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import type { RunLease } from '../platform/jobs/job';
import type { BackupRunRow, VaultStateRow } from './domain/vault.entity';
import type { SegmentTotals } from './segment-stream';
import { VaultStore } from './vault.store';

/** Records copies while they run, and how far the backup store has followed the database. */
@Injectable()
export class CopyRecords {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly clock: Clock,
  ) {}

  /** Records a new run, and ends the records of runs that were killed. */
  async begin(run: BackupRunRow, lease: RunLease): Promise<void> {
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.store.endInterrupted(em, run.id, this.clock.now());
      await this.store.insertRun(em, run);
    });
  }

  async update(run: BackupRunRow): Promise<void> {
    await this.unitOfWork.write((em) => this.store.updateRun(em, run));
  }

  /** Records a run that found nothing to copy. */
  async nothingNew(lease: RunLease): Promise<void> {
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.store.markOk(em, this.clock.now());
    });
  }

  /** Records that a run's segment is stored, and where the next one goes. Returns the finished run. */
  async finish(
    run: BackupRunRow,
    state: VaultStateRow,
    totals: SegmentTotals,
    lease: RunLease,
  ): Promise<BackupRunRow> {
    const now = this.clock.now();
    const { to, seal, expiredSeal, at, versions, bytes, sha256 } = totals;
    const stored = { status: 'stored', to_seq: to, versions, bytes, sha256, finished_at: now } as const;
    const finished: BackupRunRow = { ...run, ...stored };
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      const present = (await this.store.state(em)) ?? state;
      await this.store.updateRun(em, finished);
      await this.store.updateState(em, {
        ...present,
        generation: run.generation,
        next_index: run.place + 1,
        tip: run.object,
        tip_sha256: sha256,
        stored_seq: to,
        seal,
        expired_seal: expiredSeal,
        ok_at: now,
        stored_at: now,
        ...(run.kind === 'full' && { needs_full: 0, full_at: at }),
      });
    });
    return finished;
  }

  /** Records a failed run. `recorded`: whether the run has a record already. Never rejects. */
  async fail(run: BackupRunRow, recorded: boolean, error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : String(error);
    const failed: BackupRunRow = { ...run, status: 'failed', finished_at: this.clock.now(), error: message };
    // If this fails too, the first error must not be lost: the job's record and the log have it.
    await this.unitOfWork
      .write((em) => (recorded ? this.store.updateRun(em, failed) : this.store.insertRun(em, failed)))
      .catch(() => undefined);
  }
}
