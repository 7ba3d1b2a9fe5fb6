import type { Database } from 'better-sqlite3';

interface Unit {
  work: () => unknown;
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

/** The least that a durable group commit needs: all units that wait share one transaction. */
export class GroupCommit {
  private waiting: Unit[] = [];

  constructor(private readonly database: Database) {}

  /** Resolves when `work` is on disk. A unit that throws takes its group with it: this is a floor, not a service. */
  write<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.waiting.length === 0) setImmediate(() => this.commit());
      this.waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
    });
  }

  private commit(): void {
    const units = this.waiting;
    this.waiting = [];
    try {
      this.database.exec('BEGIN IMMEDIATE');
      const values = units.map(({ work }) => work());
      this.database.exec('COMMIT');
      units.forEach(({ resolve }, at) => resolve(values[at]));
    } catch (error) {
      if (this.database.inTransaction) this.database.exec('ROLLBACK');
      for (const { reject } of units) reject(error);
    }
  }
}
