import { performance } from 'node:perf_hooks';
import type { QueryRunner } from 'typeorm';

/** How long statements may run before everything else in the process gets its turn, ms. */
const TURN_MS = 10;

type Run = () => Promise<unknown>;

/**
 * Keeps SQLite's statements from holding up the event loop. The driver is synchronous, so a loop over reads never
 * yields by itself: its awaits are answered before any other request, timer or socket. Once the statements of one turn of
 * the event loop have taken 10 ms, in whichever unit of work, later ones wait in line. Each following turn runs waiting
 * statements for up to 10 ms, first in, first out, and a new statement never overtakes a waiting one. Only the writer
 * does: all units of its group wait for each of its statements, and so does every write behind them.
 */
export class LoopTurn {
  private readonly line: Run[] = [];
  private began: number | null = null;

  /** Makes a query runner take turns. `first`: its statements go to the front of the line. */
  share<Runner extends QueryRunner>(runner: Runner, { first = false } = {}): Runner {
    const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
    const inTurn = (...args: unknown[]): Promise<unknown> =>
      this.isFree(first) ? query(...args) : this.wait(() => query(...args), first);
    runner.query = inTurn as Runner['query'];
    return runner;
  }

  private isFree(first: boolean): boolean {
    return !this.isOver() && (first || this.line.length === 0);
  }

  private isOver(): boolean {
    if (this.began !== null) return performance.now() - this.began > TURN_MS;
    this.began = performance.now();
    setImmediate(() => (this.began = null));
    return false;
  }

  private wait(run: Run, first: boolean): Promise<unknown> {
    return new Promise((resolve) => {
      const next = () => {
        const result = run();
        resolve(result);
        return result;
      };
      if (first) this.line.unshift(next);
      else this.line.push(next);
      if (this.line.length === 1) setImmediate(() => void this.runWaiting());
    });
  }

  private async runWaiting(): Promise<void> {
    // The statement stays in line while it runs, so that nothing starts a second round of turns.
    for (let next; !this.isOver() && (next = this.line[0]);) {
      await next().catch(() => undefined);
      this.line.splice(this.line.indexOf(next), 1);
    }
    if (this.line.length > 0) setImmediate(() => void this.runWaiting());
  }
}
