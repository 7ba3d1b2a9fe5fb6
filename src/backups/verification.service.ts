import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidBytes, uuidv7 } from '../platform/ids/uuid';
import type { RunLease } from '../platform/jobs/job';
import type { Generation } from './domain/generations';
import type { VaultStateRow, VerificationRow } from './domain/vault.entity';
import { GenerationReader } from './generation-reader';
import { VaultDamage } from './vault-reader';
import { VaultFindings } from './vault-findings';
import { VaultStore } from './vault.store';
import { VerificationPlanner, type Share, type VerificationScope } from './verification-planner';

/** Reads copies back, decodes whole graphs from them, and compares them with the database. */
@Injectable()
export class VerificationService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly clock: Clock,
    private readonly planner: VerificationPlanner,
    private readonly reader: GenerationReader,
    private readonly findings: VaultFindings,
  ) {}

  /**
   * Verifies, and records the outcome. Does not reject for damage: the record reports it, the run's segment is marked
   * as corrupt, and the next copy is a full one. Rejects if the backup store cannot be reached. `onBegun` is called
   * when the record exists.
   */
  async run(
    scope: VerificationScope,
    lease: RunLease,
    signal: AbortSignal,
    id = uuidv7(this.clock.now()),
    onBegun: () => void = () => undefined,
  ): Promise<VerificationRow> {
    const record = recordOf(uuidBytes(id), scope, this.clock.now());
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.store.insertVerification(em, record);
    });
    onBegun();
    try {
      await this.verify(scope, record, lease, signal);
    } catch (error) {
      const corrupt = error instanceof VaultDamage;
      Object.assign(record, {
        status: corrupt ? 'corrupt' : 'failed',
        error: error instanceof Error ? error.message : String(error),
      });
      if (!corrupt) throw error;
      await this.findings.condemn(error, typeof scope === 'object' ? scope.run.generation : undefined);
    } finally {
      record.finished_at = this.clock.now();
      await this.unitOfWork.write((em) => this.store.updateVerification(em, record)).catch(() => undefined);
    }
    return record;
  }

  private async verify(
    scope: VerificationScope,
    record: VerificationRow,
    lease: RunLease,
    signal: AbortSignal,
  ): Promise<void> {
    const state = await this.unitOfWork.read((em) => this.store.state(em));
    const generation = state && (await this.planner.generationFor(state, scope));
    if (!state || !generation) {
      record.status = 'verified';
      return;
    }
    const share = await this.planner.shareOf(state, scope);
    const lineageKey = await this.reader.lineageKey(generation.lineage);
    const segments = await this.reader.compare(generation, lineageKey, share.graphs, record, signal);
    await this.noteVerified(generation, segments - 1, share, record, lease);
    record.status = 'verified';
    if (scope === 'everything' || scope === 'share') await this.readOlder(state, lineageKey, record, signal);
  }

  /**
   * Reads the older generations too, to find damage there; decodes nothing. Generations that are known to be damaged
   * are skipped: they expire when enough newer ones are good.
   */
  private async readOlder(
    state: VaultStateRow,
    lineageKey: Buffer,
    record: VerificationRow,
    signal: AbortSignal,
  ): Promise<void> {
    for (const { number, places } of await this.planner.older(state)) {
      try {
        await this.reader.readWhole(places, lineageKey, record, signal);
      } catch (error) {
        if (!(error instanceof VaultDamage)) throw error;
        if (await this.unitOfWork.read((em) => this.store.isExpired(em, state.lineage, number))) continue;
        Object.assign(record, { status: 'corrupt', error: error.message });
        await this.findings.condemn(error, number);
      }
    }
  }

  private async noteVerified(
    { lineage, number }: Generation,
    place: number,
    share: Share,
    { recovery_ms }: VerificationRow,
    lease: RunLease,
  ): Promise<void> {
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.store.markVerified(em, lineage, number, place, this.clock.now());
      const state = await this.store.state(em);
      if (state?.lineage !== lineage) return;
      await this.store.updateState(em, {
        ...state,
        verified_seq: Math.max(state.verified_seq, Math.min(share.verified, state.stored_seq)),
        sweep_seq: share.sweep,
        verified_at: this.clock.now(),
        recovery_ms,
      });
    });
  }
}

function recordOf(id: Buffer, scope: VerificationScope, now: number): VerificationRow {
  return {
    id,
    run_id: typeof scope === 'object' ? scope.run.id : null,
    after_copy: scope === 'newest' ? 1 : 0,
    status: 'running',
    started_at: now,
    finished_at: null,
    objects: 0,
    bytes: 0,
    graphs: 0,
    versions: 0,
    recovery_ms: null,
    error: null,
  };
}
