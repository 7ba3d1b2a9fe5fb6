import type { Database, Statement } from 'better-sqlite3';
import type { QueryRunner } from 'typeorm';

/**
 * A transaction of SQLite that the reads of one turn of the event loop share: outside of one, each statement locks the
 * file and unlocks it, which takes as long as a small read itself.
 */
export class SharedRead {
  private readonly begin: Statement;
  private readonly rollback: Statement;
  private isOpen = false;

  /** `connection`: one that only reads. */
  constructor(private readonly connection: Database) {
    this.begin = connection.prepare('BEGIN');
    // Nothing was written, and unlike a commit it always succeeds.
    this.rollback = connection.prepare('ROLLBACK');
  }

  /** Makes the statements of the connection's query runner run in it. */
  share<Runner extends QueryRunner>(runner: Runner): Runner {
    const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
    const inside = (...args: unknown[]): Promise<unknown> => {
      this.open();
      return query(...args);
    };
    runner.query = inside as Runner['query'];
    return runner;
  }

  /** The next read begins another one; to be called where this process has committed, and at the end of a turn. */
  readonly end = (): void => {
    this.isOpen = false;
    if (this.connection.inTransaction) this.rollback.run();
  };

  private open(): void {
    if (this.isOpen || !this.connection.open) return;
    this.isOpen = true;
    this.begin.run();
    setImmediate(this.end);
  }
}
