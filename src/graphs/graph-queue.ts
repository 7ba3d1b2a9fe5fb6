import { Injectable } from '@nestjs/common';

/**
 * Lets the changes of one graph happen one after the other in this process. Compare-and-set alone would be
 * correct, but fifty clients on one graph would encode over a thousand times for fifty versions. Other
 * replicas' changes are still met by compare-and-set.
 */
@Injectable()
export class GraphQueue {
  private readonly tails = new Map<string, Promise<unknown>>();

  /** Runs `work` after all earlier work of the same graph has ended, well or badly. */
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
