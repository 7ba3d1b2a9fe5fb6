import type { DataSource, QueryRunner } from 'typeorm';
import { unavailable } from '../errors/app-error';
import { translateDatabaseError } from './database-errors';
import { UnitOfWork, type Work, type WriterState } from './unit-of-work';

/** PostgreSQL's unit of work: a pooled transaction for each write, a pooled connection for each read. */
export class PostgresUnitOfWork extends UnitOfWork {
  private readonly running = new Set<Promise<unknown>>();
  private closed = false;
  private commits = 0;

  constructor(private readonly dataSource: DataSource) {
    super();
  }

  state(): WriterState {
    return { waiting: this.running.size, commits: this.commits, units: this.commits };
  }

  // Autovacuum makes room for new rows; only VACUUM FULL, which locks the table, would shrink the files.
  reclaim(): Promise<number> {
    return Promise.resolve(0);
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled(this.running);
    await this.dataSource.destroy();
  }

  protected runRead<T>(work: Work<T>): Promise<T> {
    return this.track((runner) => work(runner.manager));
  }

  protected runWrite<T>(work: Work<T>): Promise<T> {
    return this.track(async (runner) => {
      await runner.query('BEGIN');
      try {
        const value = await work(runner.manager);
        await runner.query('COMMIT');
        this.commits += 1;
        return value;
      } catch (error) {
        // A connection that is gone has rolled back by itself; the first error is the one to report.
        await runner.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  private track<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(unavailable('database'));
    const promise = this.withRunner(work);
    this.running.add(promise);
    const forget = () => this.running.delete(promise);
    promise.then(forget, forget);
    return promise;
  }

  private async withRunner<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      return await work(runner);
    } catch (error) {
      throw translateDatabaseError(error);
    } finally {
      await runner.release();
    }
  }
}
