import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { ObjectStore } from '../platform/objects/object-store';
import type { Generation } from './domain/generations';
import type { BackupRunRow, VaultStateRow } from './domain/vault.entity';
import { VaultDamage, listGenerations } from './vault-reader';
import { VaultStore } from './vault.store';

/**
 * What to verify: one run (and the unverified segments before it), everything, the share of one night, or a share of
 * the newest generation alone. `everything` and `share` also read the older generations.
 */
export type VerificationScope = { run: BackupRunRow } | 'everything' | 'share' | 'newest';

/** The share of one night: graphs of this many versions, or of this many bytes of frames, whichever comes first; at least one graph. */
const SHARE_VERSIONS = 50_000;
const SHARE_BYTES = 512 * 1024 * 1024;
/** Rows that lie apart in the file, such as those that retention has rewritten, take 35 µs each. */
const PAGE = 200;

/** Graphs to decode, and the marks to set if none of them is damaged. */
export interface Share {
  /** Graph key → user key. */
  graphs: Map<number, number>;
  verified: number;
  sweep: number;
}

/** Decides what a verification reads. */
@Injectable()
export class VerificationPlanner {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly objects: ObjectStore,
  ) {}

  /** The generation to read, up to its last record; undefined if there is none. Throws VaultDamage if the store lacks a segment. */
  async generationFor(state: VaultStateRow, scope: VerificationScope): Promise<Generation | undefined> {
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

  /** The graphs to decode. */
  async shareOf(state: VaultStateRow, scope: VerificationScope): Promise<Share> {
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
    // Everything is verified: verify again, oldest first.
    const from = state.sweep_seq < state.stored_seq ? state.sweep_seq : 0;
    const again = await this.collect(from, state.stored_seq, SHARE_VERSIONS, 0);
    return { graphs: again.graphs, verified: state.stored_seq, sweep: again.verified };
  }

  /** The graphs with versions after the event `after`, up to `upTo`, oldest first, up to the size of a share. */
  private async collect(after: number, upTo: number, most: number, sweep: number): Promise<Share> {
    const graphs = new Map<number, number>();
    let versions = 0;
    let bytes = 0;
    for (let from = after; ;) {
      const rows = await this.unitOfWork.read((em) => this.store.share(em, from, upTo, PAGE));
      // Rows of one event stay together: a full page may end in the middle of its last event.
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

  /** The generations before the newest one, without those that are known to be damaged. */
  async older({ lineage, generation }: VaultStateRow): Promise<Generation[]> {
    const known = await this.unitOfWork.read((em) => this.store.corruptGenerations(em, lineage));
    const listed = await listGenerations(this.objects, lineage);
    return listed.filter(({ number }) => number < generation && !known.includes(number));
  }
}
