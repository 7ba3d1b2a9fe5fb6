import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { uuidText } from '../../platform/ids/uuid';
import type { RunLease } from '../../platform/jobs/job';
import { GRAPH_TASKS, type GraphTaskRow } from './domain/graph-task.entity';
import { GraphRetentionService } from './graph-retention.service';
import { GraphRetentionStore, type DueCursor, type GraphState } from './graph-retention.store';
import { GraphTaskStore } from './graph-task.store';
import { GraphUpkeepService, RESTING_MS, type RepackRange } from './graph-upkeep.service';

export type { GraphTaskRow as GraphTask };

/** What one packing step saved, bytes, and the version to continue after (null: done). */
export interface Packed {
  savedBytes: number;
  next: number | null;
}

/** Tasks read at once. */
const BATCH = 100;
const NOTHING: Packed = { savedBytes: 0, next: null };

/** Packs histories more tightly, in steps: what pruning has rewritten, and graphs that rest. */
@Injectable()
export class GraphPackingService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly graphs: GraphRetentionService,
    private readonly graphStore: GraphRetentionStore,
    private readonly tasks: GraphTaskStore,
    private readonly upkeep: GraphUpkeepService,
  ) {}

  /** Graphs with versions that were rewritten and not packed since. */
  async *toRepack(): AsyncGenerator<GraphTaskRow> {
    for (let after = { user_key: -1, graph_key: -1 }; ;) {
      const rows = await this.unitOfWork.read((em) => this.tasks.list(em, 'repack', after, BATCH));
      yield* rows;
      const last = rows.at(-1);
      if (!last) return;
      after = last;
    }
  }

  /** Graphs due at `now` (ms) with versions that were never packed tightly. */
  async *toPack(now: number): AsyncGenerator<GraphTaskRow> {
    for (let after: DueCursor = { at: 0, user_key: -1, key: -1 }; ;) {
      const rows = await this.unitOfWork.read((em) => this.tasks.toPack(em, now, after, BATCH));
      yield* rows;
      const last = rows.at(-1);
      if (!last) return;
      after = { at: last.due_at ?? 0, user_key: last.user_key, key: last.graph_key };
    }
  }

  /** Packs the next versions of a resting graph; one that was changed less than a day before `now` (ms) is postponed. */
  async pack(task: GraphTaskRow, now: number, lease: Pick<RunLease, 'guard'>): Promise<Packed> {
    const { user_key: userKey, graph_key: key, after_version: after } = task;
    const graph = await this.stateOf(task);
    const restsAt = (graph?.updated_at ?? 0) + RESTING_MS;
    const range = { after, upTo: graph?.version ?? 0 };
    const step = graph && restsAt <= now ? await this.step(task, graph, range, lease) : NOTHING;
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      if (!graph) return this.tasks.complete(em, GRAPH_TASKS.pack, userKey, key);
      if (restsAt > now) return this.tasks.setPacked(em, task, after, restsAt);
      if (step.next !== null) return this.tasks.setPacked(em, task, step.next, task.due_at);
      return this.tasks.setPacked(em, task, graph.version, null);
    });
    return step;
  }

  /** Packs the next versions of a graph that pruning has rewritten. */
  async repack(task: GraphTaskRow, lease: Pick<RunLease, 'guard'>): Promise<Packed> {
    const { user_key: userKey, graph_key: key, after_version: after, up_to_version: upTo } = task;
    const graph = await this.stateOf(task);
    const step = graph ? await this.step(task, graph, { after, upTo }, lease) : NOTHING;
    const { next } = step;
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      if (next === null) return this.tasks.complete(em, GRAPH_TASKS.repack, userKey, key);
      return this.tasks.advance(em, { ...task, after_version: next });
    });
    return step;
  }

  private stateOf({ user_key, graph_key }: GraphTaskRow): Promise<GraphState | undefined> {
    return this.unitOfWork.read((em) => this.graphStore.stateOf(em, user_key, graph_key));
  }

  private async step(
    { user_key: userKey }: GraphTaskRow,
    { id }: GraphState,
    range: RepackRange,
    lease: Pick<RunLease, 'guard'>,
  ): Promise<Packed> {
    const owner = await this.graphs.ownerOf({ userKey, graphId: uuidText(id) });
    return this.upkeep.repack(owner, range, lease);
  }
}
