import { Injectable } from '@nestjs/common';
import { ConcurrentChangeError } from '../graphs/domain/concurrent-change.error';
import type { GraphRow } from '../graphs/domain/graph.entity';
import { GraphQueue } from '../graphs/graph-queue';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { AppError, invalid } from '../platform/errors/app-error';
import { HeavyReads } from '../platform/fairness/heavy-reads';
import { isUuid, uuidText } from '../platform/ids/uuid';
import type { Recovery, RecoveryEntry, RecoveryRequest } from './domain/recovery';
import type { RecoveryDecision } from './domain/recovery-plan';
import { RecoveryPlanner, type DecidedGraph } from './recovery-planner';
import { RecoveryStaging, type RowEdit } from './recovery-staging';

/** How often a recovery is tried again because a graph was changed meanwhile. */
const ATTEMPTS = 3;

/** Recovers a whole account to a moment: with a preview, all or nothing, in bounded memory. */
@Injectable()
export class RecoveryService {
  constructor(
    private readonly planner: RecoveryPlanner,
    private readonly staging: RecoveryStaging,
    private readonly queue: GraphQueue,
    private readonly clock: Clock,
    private readonly heavy: HeavyReads,
  ) {}

  /** Previews a recovery or carries it out. 422 for a future time, 409 if graphs keep changing meanwhile. */
  async run(caller: Caller, request: RecoveryRequest): Promise<Recovery> {
    if (request.at > this.clock.now()) {
      throw new AppError(
        'unprocessable',
        'time-out-of-reach',
        'This time is in the future. Choose one in the past.',
      );
    }
    const unknown = request.graphIds?.find((id) => !isUuid(id));
    if (unknown !== undefined) throw invalid([{ field: 'graph_ids', message: 'must hold ids of graphs' }]);
    if (request.dryRun) return this.preview(caller, request);
    // One recovery of an account at a time in this process; the staged rows are the account's.
    return this.queue.run(caller.key, 'recovery', () => this.apply(caller, request));
  }

  private async preview(caller: Caller, request: RecoveryRequest): Promise<Recovery> {
    const entries: RecoveryEntry[] = [];
    for await (const { row, decision } of this.decisions(caller, request))
      entries.push(entryOf(row, decision));
    entries.push(...(await this.planner.unreachableGraphs(caller, request)));
    return { at: request.at, dryRun: true, recoveredAt: null, entries };
  }

  private async apply(caller: Caller, request: RecoveryRequest): Promise<Recovery> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const entries: RecoveryEntry[] = [];
      const recoveredAt = await this.planner.timeAfterAll(caller);
      try {
        const edits = this.edits(caller, request, recoveredAt, entries);
        await this.staging.apply(caller, await this.staging.stage(caller, edits, recoveredAt));
        entries.push(...(await this.planner.unreachableGraphs(caller, request)));
        return { at: request.at, dryRun: false, recoveredAt, entries };
      } catch (error) {
        await this.staging.clear(caller);
        if (!(error instanceof ConcurrentChangeError)) throw error;
      }
    }
    throw new AppError(
      'conflict',
      'account-changing',
      'Graphs of this account were changed during the recovery, so nothing was recovered. Try again.',
    );
  }

  /** What is to be done with each graph; users take turns, a few graphs each. */
  private async *decisions(caller: Caller, request: RecoveryRequest): AsyncGenerator<DecidedGraph> {
    const parts = this.planner.decisions(caller, request);
    for (;;) {
      const part = await this.heavy.inTurn(caller.id, () => parts.next());
      if (part.done === true) return;
      yield* part.value;
    }
  }

  /** The edits that a recovery makes; adds what is decided for each graph to `entries`. */
  private async *edits(
    caller: Caller,
    request: RecoveryRequest,
    at: number,
    entries: RecoveryEntry[],
  ): AsyncGenerator<RowEdit> {
    for await (const { row, decision } of this.decisions(caller, request)) {
      entries.push(entryOf(row, decision));
      const edit = await this.planner.editFor(caller, row, decision, at);
      if (edit) yield { row, edit };
    }
  }
}

function entryOf(row: GraphRow, decision: RecoveryDecision): RecoveryEntry {
  return { ...decision, graphId: uuidText(row.id), title: row.title };
}
