import { setImmediate as otherWork } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Quota } from '../../usage/quota.service';
import { VersionUpkeep, type GraphPlace } from '../../versions/version-upkeep.service';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { Pace } from '../../platform/jobs/pace';
import { CHORES } from './domain/graph-chore.entity';
import { GraphRetentionStore } from './graph-retention.store';

/** Runs first in each transaction of a run; throws when the run may not write any more. */
export type Guard = (em: EntityManager) => Promise<void>;

/** What has gone of a graph's history; `bytes` are those of sealed frames. */
export interface Swept {
  versions: number;
  bytes: number;
}

/** What one step has removed, and whether there is more. */
export interface SweptStep extends Swept {
  more: boolean;
}

/** Removes what another feature has on a graph that goes. */
export type PurgeBeside = (em: EntityManager, userKey: number, graphKey: number) => Promise<void>;

/** Versions that one transaction removes at most. */
const MOST_VERSIONS = 500;
/** Chores looked up at a time. */
const BATCH = 100;
const NOTHING: Swept = { versions: 0, bytes: 0 };
const unguarded: Guard = () => Promise.resolve();

/**
 * Removes graphs for ever, however long their history: first the graph's own row, after which nobody can see it, then
 * its versions in transactions that nobody's write waits long for. What is not finished stands in `graph_chores`, in
 * the same transaction as what was done, so that a crash leaves nothing behind: the next retention run goes on.
 */
@Injectable()
export class GraphPurge {
  private readonly besides: PurgeBeside[] = [];
  private readonly pace = new Pace(MOST_VERSIONS);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly chores: GraphRetentionStore,
    private readonly versions: VersionUpkeep,
    private readonly quota: Quota,
  ) {}

  /** From now on `remove` goes with every graph that is purged. */
  also(remove: PurgeBeside): void {
    this.besides.push(remove);
  }

  /**
   * Removes the first of a graph's versions inside the caller's transaction, as the last thing in it; the graph's own
   * row, whose sealed head had so many bytes, has just been removed. Call `finish` after it.
   */
  async begin(em: EntityManager, place: GraphPlace, headBytes: number): Promise<SweptStep> {
    const { user_key, graph_key } = place;
    for (const remove of this.besides) await remove(em, user_key, graph_key);
    for (const kind of [CHORES.repack, CHORES.pack]) await this.chores.done(em, kind, user_key, graph_key);
    const swept = await this.pace.step(() => this.versions.sweep(em, place, headBytes, this.pace.next));
    if (swept.more)
      await this.chores.owe(em, {
        kind: CHORES.sweep,
        user_key,
        graph_key,
        after_version: 0,
        up_to_version: 0,
      });
    return swept;
  }

  /** Removes what `begin` has left, in steps, as long as `guard` lets it. Returns what went in all. */
  async finish({ user_key, graph_key }: GraphPlace, begun: SweptStep, guard = unguarded): Promise<Swept> {
    const swept = { versions: begun.versions, bytes: begun.bytes };
    for (let { more } = begun; more;) {
      await otherWork();
      const step = await this.unitOfWork.write(async (em) => {
        await guard(em);
        const step = await this.pace.step(() =>
          this.versions.sweep(em, { user_key, graph_key }, null, this.pace.next),
        );
        if (!step.more) await this.chores.done(em, CHORES.sweep, user_key, graph_key);
        return step;
      });
      swept.versions += step.versions;
      swept.bytes += step.bytes;
      more = step.more;
    }
    this.quota.shrank(user_key);
    return swept;
  }

  /** Removes what interrupted purges have left: everybody's, or one user's. */
  async remains(guard: Guard, userKey: number | null = null): Promise<Swept> {
    const swept = { ...NOTHING };
    for (let after = { user_key: userKey ?? -1, graph_key: -1 }; ;) {
      const rows = await this.unitOfWork.read((em) => this.chores.chores(em, 'sweep', after, BATCH));
      const owed = userKey === null ? rows : rows.filter(({ user_key }) => user_key === userKey);
      for (const place of owed) {
        const { versions, bytes } = await this.finish(place, { ...NOTHING, more: true }, guard);
        swept.versions += versions;
        swept.bytes += bytes;
      }
      const last = owed.at(-1);
      if (!last) return swept;
      after = last;
    }
  }
}
