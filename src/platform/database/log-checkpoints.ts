import type { Database, Statement } from 'better-sqlite3';
import type { Log } from '../logging/log';
import { WorkerPool } from '../workers/worker-pool';
import type { LogPages } from './checkpoint.worker';

/** Pages of the log that are not in the database file yet, from which on a thread copies them: 2 MiB. */
const PAGES = 1_000;
/** With so many in the log the writer does it itself, as SQLite does: 16 MiB. */
const WRITER_PAGES = 8_000;

/**
 * Copies SQLite's write-ahead log into the database file in a thread of its own. SQLite does so within a `COMMIT`, and
 * then every request waits for the disk: 5 to 10 ms, at each fortieth commit of a run of a source. If the thread can't
 * keep up, or does not start, the log grows until the writer does it after all.
 */
export class LogCheckpoints {
  private readonly pool: WorkerPool;
  private readonly pages: Statement<[], LogPages>;
  private running: Promise<unknown> | undefined;
  private failed = false;

  constructor(
    private readonly database: Database,
    private readonly log?: Pick<Log, 'warn'>,
    directory = __dirname,
  ) {
    database.pragma(`wal_autocheckpoint = ${WRITER_PAGES}`);
    this.pages = database.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.pool = new WorkerPool({
      ...{ name: 'checkpoint', directory, file: 'checkpoint.worker' },
      ...{ threads: 1, waiting: 1 },
    });
  }

  /** To be called after each commit; takes some microseconds. */
  look(): void {
    if (this.running) return;
    const { log, checkpointed } = this.pages.get()!;
    if (log - checkpointed < PAGES) return;
    const job = { task: 'copyLog', data: this.database.name };
    this.running = this.pool
      .run(job)
      .then(
        () => (this.failed = false),
        (error: unknown) => this.report(error),
      )
      .finally(() => (this.running = undefined));
  }

  /** Once, until a thread has worked again. */
  private report(error: unknown): void {
    if (this.failed) return;
    this.failed = true;
    this.log?.warn("no thread copies the database's log: requests do it, and take longer", { error });
  }

  /** Lets the thread end what it does. */
  async close(): Promise<void> {
    await this.running;
    await this.pool.close();
  }
}
