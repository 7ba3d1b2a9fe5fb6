import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock';
import { uuidBytes, uuidv7 } from '../platform/ids/uuid';
import type { RunLease } from '../platform/jobs/job';
import type { Generation } from './domain/generations';
import type { VaultStateRow, VerificationRow } from './domain/vault.entity';
import { GenerationReader } from './generation-reader';
import { NightPlanner, type Night } from './night-planner';
import { VaultDamage } from './vault-reader';
import { VaultFindings } from './vault-findings';
import { VerificationPlanner, type VerificationScope } from './verification-planner';
import { VerificationRecords } from './verification-records';

/** What a verification works with. */
interface Reading {
  state: VaultStateRow;
  lineageKey: Buffer;
  record: VerificationRow;
  lease: RunLease;
  signal: AbortSignal;
}

/** Reads copies back, decodes whole graphs from them, and compares them with the database. */
@Injectable()
export class VerificationService {
  constructor(
    private readonly records: VerificationRecords,
    private readonly clock: Clock,
    private readonly planner: VerificationPlanner,
    private readonly nights: NightPlanner,
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
    await this.records.begin(record, lease);
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
      await this.records.end(record);
    }
    return record;
  }

  private async verify(
    scope: VerificationScope,
    record: VerificationRow,
    lease: RunLease,
    signal: AbortSignal,
  ): Promise<void> {
    const state = await this.records.state();
    const generation = state && (await this.planner.generationFor(state, scope));
    if (!state || !generation) {
      record.status = 'verified';
      return;
    }
    const lineageKey = await this.reader.lineageKey(generation.lineage);
    const reading: Reading = { state, lineageKey, record, lease, signal };
    if (scope === 'share') return this.verifyNight(reading, generation);
    await this.verifyWhole(reading, generation, scope);
    if (scope === 'everything') await this.readOlder(reading, await this.planner.older(state));
  }

  /** The share of a night: what is new, and what has to be read again. */
  private async verifyNight(reading: Reading, generation: Generation): Promise<void> {
    const night = await this.nights.plan(reading.state, generation);
    if (night.whole) await this.verifyWhole(reading, generation, 'share');
    else await this.verifyNew(reading, generation, night.fresh);
    await this.readOlder(reading, night.older);
  }

  /** Reads a generation whole, decodes graphs from it, and compares them. */
  private async verifyWhole(
    { state, lineageKey, record, lease, signal }: Reading,
    generation: Generation,
    scope: VerificationScope,
  ): Promise<void> {
    const share = await this.planner.shareOf(state, scope);
    const segments = await this.reader.compare(generation, lineageKey, share.graphs, record, signal);
    await this.records.noteVerified(
      { generation, place: segments - 1, whole: true, marks: share },
      record,
      lease,
    );
    record.status = 'verified';
  }

  /** Reads new segments, and compares their rows. */
  private async verifyNew(
    { state, lineageKey, record, lease, signal }: Reading,
    generation: Generation,
    fresh: Night['fresh'],
  ): Promise<void> {
    if (fresh) await this.reader.compareNew(fresh.places, fresh.after, lineageKey, record, signal);
    const marks = { verified: fresh?.upTo ?? state.verified_seq, sweep: state.sweep_seq };
    const place = generation.places.length - 1;
    await this.records.noteVerified({ generation, place, whole: false, marks }, record, lease);
    record.status = 'verified';
  }

  /**
   * Reads older generations too, to find damage there; decodes nothing. Generations that are known to be damaged
   * are skipped: they expire when enough newer ones are good.
   */
  private async readOlder(
    { state, lineageKey, record, lease, signal }: Reading,
    older: readonly Generation[],
  ): Promise<void> {
    for (const generation of older) {
      const { number, places } = generation;
      try {
        await this.reader.readWhole(places, lineageKey, record, signal);
        await this.records.noteRead(generation, lease);
      } catch (error) {
        if (!(error instanceof VaultDamage)) throw error;
        if (await this.records.isExpired(state.lineage, number)) continue;
        Object.assign(record, { status: 'corrupt', error: error.message });
        await this.findings.condemn(error, number);
      }
    }
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
