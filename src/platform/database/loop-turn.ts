import type { QueryRunner } from 'typeorm';

/** How long statements may run before everything else in the process gets its turn, ms. */
const TURN_MS = 10;

/**
 * Keeps SQLite's statements from holding up the event loop. The driver is synchronous, so a loop over reads never
 * yields by itself: its awaits are answered before any other request, timer or socket. Once the statements of one turn of
 * the event loop have taken 10 ms, in whichever unit of work, further ones wait in line, and each turn lets one go on.
 */
export class LoopTurn {
  private readonly line: (() => void)[] = [];
  private began: number | null = null;

  /** Makes a query runner take turns. */
  share<Runner extends QueryRunner>(runner: Runner): Runner {
    const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
    const inTurn = (...args: unknown[]): Promise<unknown> =>
      this.isOver() ? this.wait().then(() => query(...args)) : query(...args);
    runner.query = inTurn as Runner['query'];
    return runner;
  }

  private isOver(): boolean {
    if (this.began !== null) return performance.now() - this.began > TURN_MS;
    this.begin();
    return false;
  }

  private begin(): void {
    this.began = performance.now();
    setImmediate(() => (this.began = null));
  }

  private wait(): Promise<void> {
    return new Promise((resolve) => {
      this.line.push(resolve);
      if (this.line.length === 1) setImmediate(() => this.letOneGoOn());
    });
  }

  private letOneGoOn(): void {
    const goOn = this.line.shift();
    if (this.line.length > 0) setImmediate(() => this.letOneGoOn());
    this.begin();
    goOn?.();
  }
}
