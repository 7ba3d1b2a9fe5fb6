import { Injectable } from '@nestjs/common';

/**
 * Runs the changes of one graph one after the other in this process. Compare-and-set alone would be correct, but 50
 * clients on one graph would encode over 1,000 times for 50 versions. Changes by other replicas still need
 * compare-and-set.
 */
@Injectable()
export class GraphQueue {
  private readonly tails = new Map<string, Promise<unknown>>();

  /** Runs `work` after all earlier work on the same graph has ended, also if that work failed. */
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
