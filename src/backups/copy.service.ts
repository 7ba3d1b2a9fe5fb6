import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { JournalService } from '../audit/journal.service';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { Keyring } from '../platform/crypto/keyring';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidBytes, uuidv7 } from '../platform/ids/uuid';
import { parseCron } from '../platform/jobs/cron';
import type { RunLease } from '../platform/jobs/job';
import { Log } from '../platform/logging/log';
import { ObjectStore } from '../platform/objects/object-store';
import { parseSegmentName, segmentName, segmentsFolder, type SegmentKind } from './domain/segment-name';
import type { BackupRunKind, BackupRunRow, VaultStateRow } from './domain/vault.entity';
import { KeyCopies } from './key-copies';
import { openSegment, SegmentError } from './segment';
import { SegmentStream, type SegmentTotals } from './segment-stream';
import { VaultStore } from './vault.store';

/** What a run is asked for: what the schedule says, or what somebody asked for by hand. */
export type CopyRequest = 'scheduled' | BackupRunKind;

/** A copy that is to be written. */
interface Plan {
  state: VaultStateRow;
  kind: SegmentKind;
  run: BackupRunRow;
}

/** Copies what is new, or everything, into the vault. */
@Injectable()
export class CopyService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly objects: ObjectStore,
    private readonly segments: SegmentStream,
    private readonly keys: KeyCopies,
    private readonly journal: JournalService,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    private readonly log: Log,
  ) {}

  /** The finished run; undefined if there was nothing to copy. Rejects with the error that the run's record holds too. */
  async run(
    wish: CopyRequest,
    lease: RunLease,
    signal: AbortSignal,
    id = uuidv7(this.clock.now()),
    onBegun: () => void = () => undefined,
  ): Promise<BackupRunRow | undefined> {
    const state = await this.stateFor(lease);
    const full = this.fullIsDue(state, wish);
    const news = await this.unitOfWork.read((em) => this.journal.seqRange(em));
    const somethingNew = news.newest > state.stored_seq;
    const wanted = full || somethingNew || wish !== 'scheduled';
    const run = runOf(state, full ? 'full' : 'incremental', uuidBytes(id), this.clock.now());
    if (wanted) await this.begin(run, lease);
    onBegun();
    try {
      const plan = await this.place(state, run, lease);
      if (wanted || plan.kind === 'full') return await this.write(plan, lease, signal, wanted);
      await this.keys.copy(plan.state.lineage, signal, false);
      await this.unitOfWork.write(async (em) => {
        await lease.guard(em);
        await this.store.markOk(em, this.clock.now());
      });
      return undefined;
    } catch (error) {
      await this.fail(run, wanted, error);
      throw error;
    }
  }

  private async stateFor(lease: RunLease): Promise<VaultStateRow> {
    const found = await this.unitOfWork.read((em) => this.store.state(em));
    if (found && (await this.keyring.vaultKey(Buffer.from(found.lineage, 'hex')))) return found;
    return this.newLineage(lease, found);
  }

  /** Begins a line of copies of this database's own: a name, and a key that seals its segments. */
  private async newLineage(lease: RunLease, before: VaultStateRow | undefined): Promise<VaultStateRow> {
    const lineage = randomBytes(16);
    const key = this.keyring.make(lineage);
    const state = freshState(lineage.toString('hex'), before);
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.keyring.putVaultKey(em, key);
      if (before) await this.store.updateState(em, state);
      else await this.store.insertState(em, state);
    });
    this.log.info('a new line of copies begins', { lineage: state.lineage, before: before?.lineage ?? null });
    return state;
  }

  private fullIsDue(state: VaultStateRow, wish: CopyRequest): boolean {
    if (wish === 'full' || state.tip === null || state.needs_full === 1 || state.full_at === null)
      return true;
    const due =
      wish === 'scheduled' ? parseCron(this.config.get('BACKUP_FULL_CRON')).next(state.full_at) : null;
    return due !== null && due <= this.clock.now();
  }

  private async begin(run: BackupRunRow, lease: RunLease): Promise<void> {
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.store.endInterrupted(em, run.id, this.clock.now());
      await this.store.insertRun(em, run);
    });
  }

  /**
   * Where the next segment goes. Checks the store first: if its newest segment is missing, everything is copied
   * again. When it holds more than this database has written, the database is an older copy of itself (or a twin of a
   * running one): it begins a line of copies of its own and leaves the other one untouched.
   */
  private async place(state: VaultStateRow, run: BackupRunRow, lease: RunLease): Promise<Plan> {
    const beyond = await this.beyond(state);
    let own = state;
    if (beyond === 'ahead') own = await this.newLineage(lease, state);
    const kind: SegmentKind = run.kind === 'full' || own.tip === null || beyond === 'lost' ? 'full' : 'part';
    const generation = kind === 'full' ? own.generation + 1 : own.generation;
    const index = kind === 'full' ? 0 : own.next_index;
    const object = segmentName({ lineage: own.lineage, generation, index, fence: lease.runNumber, kind });
    Object.assign(run, {
      kind: kind === 'full' ? 'full' : 'incremental',
      lineage: own.lineage,
      generation,
      place: index,
      object,
    });
    run.from_seq = kind === 'full' ? 0 : own.stored_seq;
    return { state: own, kind, run };
  }

  private async beyond(state: VaultStateRow): Promise<'as-known' | 'lost' | 'ahead'> {
    let tipSeen = false;
    // Everything from the tip on; before the first copy, everything after the newest generation that is known of.
    const after =
      state.tip?.slice(0, -1) ??
      `${segmentsFolder(state.lineage)}${String(state.generation).padStart(10, '0')}/~`;
    for await (const { name } of this.objects.list(segmentsFolder(state.lineage), after)) {
      if (name === state.tip) tipSeen = true;
      else if (await this.isForeign(name)) return 'ahead';
    }
    return tipSeen || state.tip === null ? 'as-known' : 'lost';
  }

  private async isForeign(name: string): Promise<boolean> {
    const place = parseSegmentName(name);
    if (!place) return false;
    const { lineage, generation, index } = place;
    return !(await this.unitOfWork.read((em) =>
      this.store.knows(em, { lineage, generation, place: index, object: name }),
    ));
  }

  private async write(
    { state, kind, run }: Plan,
    lease: RunLease,
    signal: AbortSignal,
    begun: boolean,
  ): Promise<BackupRunRow> {
    if (begun) await this.unitOfWork.write((em) => this.store.updateRun(em, run));
    else await this.begin(run, lease);
    const key = await this.keyring.vaultKey(Buffer.from(run.lineage, 'hex'));
    if (!key) throw new Error('The database has no key for the copies.');
    const totals: SegmentTotals = {
      to: 0,
      seal: 0,
      expiredSeal: 0,
      at: 0,
      versions: 0,
      bytes: 0,
      frames: 0,
      sha256: '',
    };
    const request = {
      lineage: run.lineage,
      generation: run.generation,
      index: run.place,
      fence: lease.runNumber,
      kind,
      after:
        kind === 'full' ? null : { seq: run.from_seq, seal: state.seal, expiredSeal: state.expired_seal },
      predecessor: kind === 'full' ? null : state.tip_sha256,
    };
    await this.unitOfWork.snapshot('journal', signal, async (em, upTo) => {
      // After the state was read and before the copy is visible: each account in it has its key in the store.
      await this.keys.copy(run.lineage, signal, kind === 'full');
      return this.objects.put(run.object!, this.segments.pieces(em, upTo, request, key, totals), signal);
    });
    await this.readBack(run.object!, key, totals, signal);
    return this.finish(state, run, totals, lease);
  }

  /** Reads the whole segment back: a copy that cannot be read is none. */
  private async readBack(
    object: string,
    key: Buffer,
    totals: SegmentTotals,
    signal: AbortSignal,
  ): Promise<void> {
    const segment = await openSegment(this.objects.get(object, signal));
    let frames = 0;
    for await (const _block of segment.blocks(key)) {
      frames += 1;
      await yieldToEventLoop();
    }
    if (segment.sha256() !== totals.sha256 || frames !== totals.frames)
      throw new SegmentError(`${object} does not read back as it was written`);
  }

  private async finish(
    state: VaultStateRow,
    run: BackupRunRow,
    totals: SegmentTotals,
    lease: RunLease,
  ): Promise<BackupRunRow> {
    const now = this.clock.now();
    const full = run.kind === 'full';
    const { to, seal, expiredSeal, at, versions, bytes, sha256 } = totals;
    Object.assign(run, { status: 'stored', to_seq: to, versions, bytes, sha256, finished_at: now });
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      const present = (await this.store.state(em)) ?? state;
      await this.store.updateRun(em, run);
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
        ...(full && { needs_full: 0, full_at: at }),
      });
    });
    return run;
  }

  private async fail(run: BackupRunRow, begun: boolean, error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : String(error);
    const ended: BackupRunRow = { ...run, status: 'failed', finished_at: this.clock.now(), error: message };
    // A record that cannot be written either does not hide the first error, which the job's record and the log have.
    await this.unitOfWork
      .write((em) => (begun ? this.store.updateRun(em, ended) : this.store.insertRun(em, ended)))
      .catch(() => undefined);
  }
}

function runOf(state: VaultStateRow, kind: BackupRunKind, id: Buffer, now: number): BackupRunRow {
  return {
    id,
    kind,
    status: 'running',
    lineage: state.lineage,
    generation: state.generation,
    place: 0,
    from_seq: 0,
    to_seq: 0,
    versions: 0,
    bytes: 0,
    object: null,
    sha256: null,
    started_at: now,
    finished_at: null,
    verified_at: null,
    error: null,
  };
}

function freshState(lineage: string, before: VaultStateRow | undefined): VaultStateRow {
  return {
    id: 1,
    lineage,
    generation: 0,
    next_index: 0,
    tip: null,
    tip_sha256: null,
    stored_seq: 0,
    seal: 0,
    expired_seal: 0,
    verified_seq: 0,
    sweep_seq: 0,
    needs_full: 1,
    full_at: null,
    ok_at: before?.ok_at ?? null,
    stored_at: null,
    verified_at: null,
    recovery_ms: null,
  };
}
