import { Injectable } from '@nestjs/common';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { GraphPackingService, type GraphTask, type Packed } from '../graphs/upkeep/graph-packing.service';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { Log } from '../platform/logging/log';
import { isGraphFault, type RetentionRunContext } from './retention-run-context';

/** A run packs for this long at most, ms; the next run continues. */
const PACKING_MS = 300_000;

/** Packs what pruning has rewritten and what rests, then returns free space to the file system. */
@Injectable()
export class RetentionPacking {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly packing: GraphPackingService,
    private readonly log: Log,
  ) {}

  async pack(run: RetentionRunContext): Promise<void> {
    const { lease, plan } = run;
    const until = performance.now() + PACKING_MS;
    await this.each(this.packing.toRepack(), until, run, (task) => this.packing.repack(task, lease));
    await this.each(this.packing.toPack(plan.at), until, run, (task) =>
      this.packing.pack(task, plan.at, lease),
    );
    await this.reclaim(run);
  }

  private async each(
    tasks: AsyncIterable<GraphTask>,
    until: number,
    run: RetentionRunContext,
    pack: (task: GraphTask) => Promise<Packed>,
  ): Promise<void> {
    for await (const task of tasks) {
      let savedBytes = 0;
      for (let after: number | null = task.after_version; after !== null;) {
        run.signal.throwIfAborted();
        if (performance.now() >= until) return;
        await yieldToEventLoop();
        const step = await this.step({ ...task, after_version: after }, run.signal, pack);
        savedBytes += step.savedBytes;
        after = step.next;
      }
      if (savedBytes > 0) run.counts.graphs_repacked += 1;
      run.counts.repacked_bytes += savedBytes;
    }
  }

  private async step(
    task: GraphTask,
    signal: AbortSignal,
    pack: (task: GraphTask) => Promise<Packed>,
  ): Promise<Packed> {
    try {
      return await pack(task);
    } catch (error) {
      if (signal.aborted || !isGraphFault(error)) throw error;
      // Costs a few bytes until the next run tries again.
      const { user_key, graph_key } = task;
      this.log.warn('a graph could not be packed', { user_key, graph_key, error });
      return { savedBytes: 0, next: null };
    }
  }

  private async reclaim({ counts, signal }: RetentionRunContext): Promise<void> {
    for (let bytes = 1; bytes > 0;) {
      signal.throwIfAborted();
      bytes = await this.unitOfWork.reclaim();
      counts.disk_bytes += bytes;
      await yieldToEventLoop();
    }
  }
}
