import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { unavailable } from '../platform/errors/app-error';
import { undefinedOnConcurrentChange } from './domain/concurrent-change.error';
import type { GraphRow } from './domain/graph.entity';
import { GraphReaderService } from './graph-reader.service';

/** Lost races in a row before work on a graph gives up. Only other replicas can win them. */
const ATTEMPTS = 50;

/**
 * Runs the changes of one graph one after the other in this process. Compare-and-set alone would be correct, but
 * fifty clients on one graph would encode over a thousand times for fifty versions.
 */
@Injectable()
export class GraphQueue {
  private readonly tails = new Map<string, Promise<unknown>>();

  constructor(private readonly reader: GraphReaderService) {}

  /**
   * Runs `work` on the graph's current row, after all earlier changes of the graph in this process. Repeats it with
   * the new row when it throws ConcurrentChangeError, because another replica was faster. 404 for an unknown graph.
   */
  exclusively<T>(caller: Caller, id: string, work: (row: GraphRow) => Promise<T>): Promise<T> {
    return this.run(caller.key, id, async () => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const done = await work(await this.reader.row(caller, id)).catch(undefinedOnConcurrentChange);
        if (done !== undefined) return done;
      }
      throw unavailable('graph');
    });
  }

  /** Runs `work` after all earlier work with the same id has ended, whether it succeeded or failed. */
  async run<T>(userKey: number, id: string, work: () => Promise<T>): Promise<T> {
    const graphId = `${userKey} ${id.toLowerCase()}`;
    const before = this.tails.get(graphId);
    const mine = before ? before.then(work, work) : work();
    this.tails.set(graphId, mine);
    try {
      return await mine;
    } finally {
      if (this.tails.get(graphId) === mine) this.tails.delete(graphId);
    }
  }
}
