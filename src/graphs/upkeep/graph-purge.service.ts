import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { yieldToEventLoop } from '../../platform/async/yield-to-event-loop';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { BatchSizer } from '../../platform/jobs/batch-sizer';
import type { RunLease } from '../../platform/jobs/job';
import { QuotaService } from '../../usage/quota.service';
import { VersionUpkeepService, type GraphPlace } from '../../versions/version-upkeep.service';
import { EventListeners } from '../../platform/events/event-listeners';
import { OnGraphPurged, type GraphPurgedListener } from './on-graph-purged.decorator';
import { GRAPH_TASKS } from './domain/graph-task.entity';
import { GraphTaskStore } from './graph-task.store';
import { ConcurrentChangeError } from '../domain/concurrent-change.error';
import type { GraphRow } from '../domain/graph.entity';
import { GraphsStore } from '../graphs.store';

/** Called first in each transaction of a purge; throws when the purge must stop. */
export type PurgeLease = Pick<RunLease, 'guard'>;

/** What was removed of a graph's history; `bytes` counts sealed frames. */
export interface Swept {
  versions: number;
  bytes: number;
}

/** What one step removed, and whether more is left. */
export interface SweptStep extends Swept {
  more: boolean;
}

/** A purge whose graph is gone and whose history may not be. */
export interface StartedPurge {
  place: GraphPlace;
  step: SweptStep;
}

/** Versions that one transaction removes at most. */
const MOST_VERSIONS = 500;
/** Tasks read at once. */
const BATCH = 100;
const NOTHING: Swept = { versions: 0, bytes: 0 };
const UNCONDITIONAL: PurgeLease = { guard: () => Promise.resolve() };

/**
 * Removes graphs permanently, however long their history: first the graph's row, after which it is invisible, then its
 * versions in short transactions. What is left to remove is a row in `graph_chores`, written in the same transaction,
 * so that a crash leaves nothing behind: the next retention run continues.
 */
@Injectable()
export class GraphPurgeService {
  private readonly sizer = new BatchSizer(MOST_VERSIONS);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tasks: GraphTaskStore,
    private readonly versions: VersionUpkeepService,
    private readonly quota: QuotaService,
    private readonly listeners: EventListeners,
    private readonly graphs: GraphsStore,
  ) {}

  /**
   * Removes a graph's row and the first of its versions, in one transaction with `record`. Throws
   * ConcurrentChangeError if the row has changed since it was read. Call `finish` afterwards.
   */
  start(row: GraphRow, record: (em: EntityManager) => Promise<void>): Promise<StartedPurge> {
    const place = { user_key: row.user_key, graph_key: row.key };
    return this.unitOfWork.write(async (em) => {
      await record(em);
      if (!(await this.graphs.remove(em, row))) throw new ConcurrentChangeError();
      return { place, step: await this.begin(em, place, row.head.length) };
    });
  }

  /**
   * Removes the first of a graph's versions inside the caller's transaction, as the last thing in it. The caller has
   * just removed the graph's row, whose sealed head had `headBytes` bytes. Call `finish` afterwards.
   */
  async begin(em: EntityManager, place: GraphPlace, headBytes: number): Promise<SweptStep> {
    const { user_key, graph_key } = place;
    for (const onPurged of this.listeners.of<GraphPurgedListener>(OnGraphPurged))
      await onPurged(em, user_key, graph_key);
    for (const kind of [GRAPH_TASKS.repack, GRAPH_TASKS.pack])
      await this.tasks.complete(em, kind, user_key, graph_key);
    const swept = await this.sizer.step(() => this.versions.sweep(em, place, headBytes, this.sizer.next));
    const range = { after_version: 0, up_to_version: 0 };
    if (swept.more) await this.tasks.enqueue(em, { kind: GRAPH_TASKS.sweep, user_key, graph_key, ...range });
    return swept;
  }

  /** Removes what `begin` has left, in steps, until `lease` refuses. Returns the totals of both. */
  async finish(place: GraphPlace, begun: SweptStep, lease: PurgeLease = UNCONDITIONAL): Promise<Swept> {
    const { user_key, graph_key } = place;
    const swept = { versions: begun.versions, bytes: begun.bytes };
    for (let { more } = begun; more;) {
      await yieldToEventLoop();
      const step = await this.sweepStep({ user_key, graph_key }, lease);
      swept.versions += step.versions;
      swept.bytes += step.bytes;
      more = step.more;
    }
    this.quota.invalidate(user_key);
    return swept;
  }

  /** Removes what interrupted purges have left: of all users, or of one. */
  async finishInterrupted(lease: PurgeLease, userKey: number | null = null): Promise<Swept> {
    const swept = { ...NOTHING };
    for (let after = { user_key: userKey ?? -1, graph_key: -1 }; ;) {
      const rows = await this.unitOfWork.read((em) => this.tasks.list(em, 'sweep', after, BATCH));
      const open = userKey === null ? rows : rows.filter(({ user_key }) => user_key === userKey);
      for (const place of open) {
        const { versions, bytes } = await this.finish(place, { ...NOTHING, more: true }, lease);
        swept.versions += versions;
        swept.bytes += bytes;
      }
      const last = open.at(-1);
      if (!last) return swept;
      after = last;
    }
  }

  private sweepStep(place: GraphPlace, lease: PurgeLease): Promise<SweptStep> {
    return this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      const step = await this.sizer.step(() => this.versions.sweep(em, place, null, this.sizer.next));
      if (!step.more) await this.tasks.complete(em, GRAPH_TASKS.sweep, place.user_key, place.graph_key);
      return step;
    });
  }
}
