import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Keyring } from '../platform/crypto/keyring';
import { UnitOfWork } from '../platform/database/unit-of-work';
import type { RunLease } from '../platform/jobs/job';
import { Log } from '../platform/logging/log';
import { ObjectStore } from '../platform/objects/object-store';
import { parseSegmentName, segmentName, segmentsFolder } from './domain/segment-name';
import type { BackupRunKind, BackupRunRow, VaultStateRow } from './domain/vault.entity';
import { VaultStore } from './vault.store';

/** Where a run puts its segment, and which rows go into it. */
export type RunPlace = Pick<
  BackupRunRow,
  'kind' | 'lineage' | 'generation' | 'place' | 'object' | 'from_seq'
>;

/** The line of copies that belongs to this database, and the place of the next segment in it. */
@Injectable()
export class LineageService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly keyring: Keyring,
    private readonly objects: ObjectStore,
    private readonly log: Log,
  ) {}

  /** The state of the database's line of copies; begins a line if there is none, or if its key is missing. */
  async current(lease: RunLease): Promise<VaultStateRow> {
    const found = await this.unitOfWork.read((em) => this.store.state(em));
    if (found && (await this.keyring.vaultKey(Buffer.from(found.lineage, 'hex')))) return found;
    return this.begin(lease, found);
  }

  /**
   * Where the next segment goes, after a check of the store. If the newest segment is missing there, everything is
   * copied again. If the store holds more than this database has written, the database is an older copy of itself (or
   * a twin of a running one): it begins a line of copies of its own and leaves the other one untouched.
   */
  async next(
    state: VaultStateRow,
    kind: BackupRunKind,
    lease: RunLease,
  ): Promise<{ state: VaultStateRow; place: RunPlace }> {
    const found = await this.inStore(state);
    const own = found === 'ahead' ? await this.begin(lease, state) : state;
    const full = kind === 'full' || own.tip === null || found === 'lost';
    return { state: own, place: full ? fullPlace(own, lease) : incrementalPlace(own, lease) };
  }

  /** Begins a line of copies: a name, and a key that encrypts its segments. */
  private async begin(lease: RunLease, before: VaultStateRow | undefined): Promise<VaultStateRow> {
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

  /** Whether the store ends with the newest segment that this database knows. */
  private async inStore(state: VaultStateRow): Promise<'as-known' | 'lost' | 'ahead'> {
    let tipSeen = false;
    // Everything from the newest segment on; before the first copy, everything after the newest known generation.
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
}

function fullPlace({ lineage, generation: newest }: VaultStateRow, { runNumber: fence }: RunLease): RunPlace {
  const generation = newest + 1;
  const object = segmentName({ lineage, generation, index: 0, fence, kind: 'full' });
  return { kind: 'full', lineage, generation, place: 0, object, from_seq: 0 };
}

function incrementalPlace(
  { lineage, generation, next_index: place, stored_seq: from_seq }: VaultStateRow,
  { runNumber: fence }: RunLease,
): RunPlace {
  const object = segmentName({ lineage, generation, index: place, fence, kind: 'part' });
  return { kind: 'incremental', lineage, generation, place, object, from_seq };
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
