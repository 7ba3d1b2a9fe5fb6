import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { MasterKeySource } from '../platform/crypto/master-key-source';
import { Databases } from '../platform/database/databases';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidBytes, uuidv7 } from '../platform/ids/uuid';
import type { RunLease } from '../platform/jobs/job';
import { ObjectStore } from '../platform/objects/object-store';
import type { Generation } from './domain/generations';
import type { BackupRunRow, VaultStateRow, VerificationRow } from './domain/vault.entity';
import { GraphComparison } from './graph-comparison';
import { RebuildStore } from './rebuild.store';
import { loadScratch, onlyGraphs } from './vault-loader';
import { VaultDamage, allKeys, listGenerations, readChain, readLineageKey } from './vault-reader';
import { VaultFindings } from './vault-findings';
import { VaultStore } from './vault.store';

/**
 * What is to be verified: one run (and whatever before it is not verified yet), everything, the night's share, or as
 * much of the newest generation alone. Everything and the night's share read older generations too.
 */
export type VerificationScope = { run: BackupRunRow } | 'everything' | 'share' | 'newest';

/** A night's share: graphs of this many versions, or of this many bytes of frames, whichever comes first; at least one graph. */
const SHARE_VERSIONS = 50_000;
const SHARE_BYTES = 512 * 1024 * 1024;
const PAGE = 5_000;

/** Graphs to be decoded, and what the marks become when all is well. */
interface Share {
  graphs: Map<number, number>;
  verified: number;
  sweep: number;
}

/** Reads copies back, decodes whole graphs out of them, and compares them with the database. */
@Injectable()
export class VerificationService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly objects: ObjectStore,
    private readonly databases: Databases,
    private readonly masterKeys: MasterKeySource,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    private readonly findings: VaultFindings,
    private readonly comparison: GraphComparison,
  ) {}

  private readonly rebuildStore = new RebuildStore();

  /**
   * Verifies, and records how it ended. Damage does not reject: it stands in the record, the run's segment is marked
   * as corrupt, and the next copy is a full one. Rejects when the vault cannot be reached.
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
    const generation = state && (await this.generationFor(state, scope));
    if (!state || !generation) {
      record.status = 'verified';
      return;
    }
    const share = await this.shareOf(state, scope);
    const lineageKey = await readLineageKey(this.objects, generation.lineage, this.masterKeys);
    const keys = await allKeys(this.objects, generation.lineage, signal);
    const begun = performance.now();
    const last = await this.inScratch(record, async (scratch) => {
      const segments = readChain(this.objects, generation.places, lineageKey, signal);
      const read = await loadScratch(
        segments,
        scratch,
        this.rebuildStore,
        onlyGraphs(new Set(share.graphs.keys())),
      );
      record.recovery_ms = Math.round(performance.now() - begun);
      Object.assign(record, { objects: read.objects, bytes: read.bytes });
      this.findings.recall(read);
      for (const [graphKey, userKey] of share.graphs) {
        signal.throwIfAborted();
        const place = { user_key: userKey, graph_key: graphKey };
        const versions = await this.comparison.compare(scratch, keys.get(userKey), place, read.to);
        if (versions === undefined) continue;
        record.graphs += 1;
        record.versions += versions;
      }
      return read;
    });
    await this.noteVerified(generation, last.objects - 1, share, record, lease);
    record.status = 'verified';
    if (scope === 'everything' || scope === 'share') await this.readOlder(state, lineageKey, record, signal);
  }

  /** The generation to read, as far as its records go; a segment that the vault has lost is damage. */
  private async generationFor(
    state: VaultStateRow,
    scope: VerificationScope,
  ): Promise<Generation | undefined> {
    const wanted = typeof scope === 'object' ? scope.run.generation : state.generation;
    const lineage = typeof scope === 'object' ? scope.run.lineage : state.lineage;
    const rows = await this.unitOfWork.read((em) => this.store.ofGeneration(em, lineage, wanted));
    const good = rows.filter(
      ({ status, place }) =>
        status !== 'running' &&
        status !== 'failed' &&
        !(typeof scope === 'object' && place > scope.run.place),
    );
    if (good.length === 0) return undefined;
    const found = (await listGenerations(this.objects, lineage)).find(({ number }) => number === wanted);
    const listed = new Set(found?.places.flat().map(({ name }) => name));
    const lost = good.find(({ object }) => !listed.has(object!));
    if (lost) throw new VaultDamage(lost.object!, 'it is missing');
    const names = new Set(good.map(({ object }) => object));
    const places = found!.places
      .slice(0, good.length)
      .map((place) => place.filter(({ name }) => names.has(name)));
    return { ...found!, places };
  }

  private async shareOf(state: VaultStateRow, scope: VerificationScope): Promise<Share> {
    if (scope === 'everything') return this.collect(0, state.stored_seq, Infinity, 0);
    if (typeof scope === 'object')
      return this.collect(
        Math.min(state.verified_seq, scope.run.from_seq),
        scope.run.to_seq,
        Infinity,
        state.sweep_seq,
      );
    const unverified = await this.collect(
      state.verified_seq,
      state.stored_seq,
      SHARE_VERSIONS,
      state.sweep_seq,
    );
    if (unverified.graphs.size > 0) return unverified;
    // Everything is verified: it is read again from the oldest on.
    const from = state.sweep_seq < state.stored_seq ? state.sweep_seq : 0;
    const again = await this.collect(from, state.stored_seq, SHARE_VERSIONS, 0);
    return { graphs: again.graphs, verified: state.stored_seq, sweep: again.verified };
  }

  /** The graphs with versions after the event `after`, up to `upTo`; oldest first, as many as a share holds. */
  private async collect(after: number, upTo: number, most: number, sweep: number): Promise<Share> {
    const graphs = new Map<number, number>();
    let versions = 0;
    let bytes = 0;
    for (let from = after; ;) {
      const rows = await this.unitOfWork.read((em) => this.store.share(em, from, upTo, PAGE));
      // Rows of one event are never parted: a page that is full may have been cut within its last event.
      const last = rows.at(-1)?.seq;
      const whole =
        rows.length < PAGE || rows[0]!.seq === last ? rows : rows.filter(({ seq }) => seq < last!);
      for (const row of whole) {
        graphs.set(row.graph_key, row.user_key);
        versions += 1;
        bytes += row.bytes;
      }
      if (rows.length < PAGE) return { graphs, verified: upTo, sweep };
      from = whole.at(-1)!.seq;
      if (versions >= most || (most < Infinity && bytes >= SHARE_BYTES))
        return { graphs, verified: from, sweep };
    }
  }

  /**
   * Reads the older generations too, for what has rotted there; nothing is decoded. One whose damage is known is left
   * alone: it goes when enough newer ones are good.
   */
  private async readOlder(
    state: VaultStateRow,
    lineageKey: Buffer,
    record: VerificationRow,
    signal: AbortSignal,
  ): Promise<void> {
    const known = await this.unitOfWork.read((em) => this.store.corruptGenerations(em, state.lineage));
    for (const { number, places } of await listGenerations(this.objects, state.lineage)) {
      if (number >= state.generation || known.includes(number)) continue;
      try {
        await this.readWhole(places, lineageKey, record, signal);
      } catch (error) {
        if (!(error instanceof VaultDamage)) throw error;
        if (await this.unitOfWork.read((em) => this.store.isExpired(em, state.lineage, number))) continue;
        Object.assign(record, { status: 'corrupt', error: error.message });
        await this.findings.condemn(error, number);
      }
    }
  }

  private async readWhole(
    places: Generation['places'],
    lineageKey: Buffer,
    record: VerificationRow,
    signal: AbortSignal,
  ): Promise<void> {
    for await (const segment of readChain(this.objects, places, lineageKey, signal)) {
      for await (const _block of segment.blocks()) {
        signal.throwIfAborted();
        await yieldToEventLoop();
      }
      record.objects += 1;
      record.bytes += segment.listed.bytes;
    }
  }

  private inScratch<T>(record: VerificationRow, work: (unitOfWork: UnitOfWork) => Promise<T>): Promise<T> {
    // One name for each of the two jobs, so that what a kill leaves goes with the next run, and none meets the other's.
    const name = record.after_copy === 1 ? 'verify-after-copy.db' : 'verify.db';
    const file = join(this.config.get('DATA_DIR'), 'scratch', name);
    return this.databases.scratch(file, ({ unitOfWork }) => work(unitOfWork));
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
