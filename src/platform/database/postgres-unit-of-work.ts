import type { DatabaseError, Pool } from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { InFlight } from '../async/in-flight';
import { outcomeUnknown, unavailable } from '../errors/app-error';
import type { BatchingClient, Held } from './batching-client';
import { isDatabaseUnavailable, translateDatabaseError } from './database-errors';
import { SequenceHorizon, type Mark } from './sequence-horizon';
import { UnitOfWork, type Work, type WriterState } from './unit-of-work';

const NO_LIMITS = `SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)`;
/** How often, and how long, `settled` waits for transactions that run at this moment, ms. */
const SETTLE_TRIES = 20;
const SETTLE_WAIT_MS = 25;

/** How long things may take before a unit is given up, ms. */
export interface UnitLimits {
  /** One statement of a write. */
  statementMs: number;
  /** Waiting for a row that another transaction has locked. */
  lockMs: number;
  /** A transaction that hears nothing from its holder, which was stopped or cut off with rows locked. */
  idleMs: number;
  /** A whole unit, waiting for a connection included; also where the server does not answer any more. */
  unitMs: number;
}

/** Far beyond what a healthy server needs; the largest single write is an account's recovery. */
export const UNIT_LIMITS: UnitLimits = {
  statementMs: 60_000,
  lockMs: 10_000,
  idleMs: 30_000,
  unitMs: 120_000,
};

/**
 * PostgreSQL's unit of work: a pooled transaction for each write, a pooled connection for each read. Nothing
 * lives in a session, so that a pooler in transaction mode may stand between: limits are set for the transaction
 * only, and no statement is prepared by name. A connection that has failed is thrown away and never used again.
 */
export class PostgresUnitOfWork extends UnitOfWork {
  readonly sharing = 1;
  private readonly running = new InFlight();
  private readonly horizons = new Map<string, SequenceHorizon>();
  private readonly beginning: readonly Held[];
  private closed = false;
  private commits = 0;
  /** Writes that run now. */
  private writing = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly limits: UnitLimits = UNIT_LIMITS,
  ) {
    super();
    this.beginning = beginning(limits);
  }

  state(): WriterState {
    return { waiting: this.running.size, commits: this.commits, units: this.commits, diskFull: false };
  }

  // Autovacuum makes room for new rows; only VACUUM FULL, which locks the table, would shrink the files.
  reclaim(): Promise<number> {
    return Promise.resolve(0);
  }

  pool(): Record<string, number> {
    const { totalCount, idleCount, waitingCount } = (this.dataSource.driver as unknown as { master: Pool })
      .master;
    return { idle: idleCount, busy: totalCount - idleCount, waiting: waitingCount };
  }

  async settledUpTo(table: string, column: string): Promise<number> {
    const sequence = await this.sequenceOf(table, column);
    let horizon = this.horizons.get(sequence);
    if (!horizon) this.horizons.set(sequence, (horizon = new SequenceHorizon()));
    for (let tries = 0; ; tries += 1) {
      const mark = await this.mark(sequence);
      const settled = horizon.update(mark);
      // Transactions are short: those of this moment have ended in a moment, unless somebody holds one open.
      if (settled >= mark.drawn || tries >= SETTLE_TRIES) return settled;
      await new Promise((resolve) => setTimeout(resolve, SETTLE_WAIT_MS));
    }
  }

  private async sequenceOf(table: string, column: string): Promise<string> {
    const [row] = await this.read((em) =>
      em.query<Array<{ name: string }>>('SELECT pg_get_serial_sequence($1, $2) AS name', [table, column]),
    );
    if (!row?.name) throw new Error(`${table}.${column} draws from no sequence.`);
    return row.name;
  }

  /**
   * The sequence first, then the id of a transaction of our own, then the running ones: what is drawn in between counts
   * as not settled.
   */
  private mark(sequence: string): Promise<Mark> {
    return this.read(async (em) => {
      const [drawn] = await em.query<Array<{ last: number }>>(
        `SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS last FROM ${sequence}`,
      );
      const [own] = await em.query<Array<{ id: string }>>('SELECT pg_current_xact_id()::text AS id');
      const [running] = await em.query<Array<{ oldest: string }>>(
        'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS oldest',
      );
      return { drawn: Number(drawn!.last), oldest: BigInt(running!.oldest), next: BigInt(own!.id) };
    });
  }

  protected async runClose(): Promise<void> {
    this.closed = true;
    await this.running.settled();
    await this.dataSource.destroy();
  }

  protected runRead<T>(work: Work<T>): Promise<T> {
    return this.track((runner) => work(runner.manager));
  }

  protected async runWrite<T>(work: Work<T>): Promise<T> {
    this.writing += 1;
    try {
      return await this.track((runner) => this.transaction(runner, work));
    } finally {
      this.writing -= 1;
      if (this.writing === 0) this.stopFollowing();
    }
  }

  private async transaction<T>(runner: QueryRunner, work: Work<T>): Promise<T> {
    // Begun and committed on the connection itself: the runner would hide what COMMIT answers.
    const client = (await runner.connect()) as BatchingClient;
    client.begin(this.beginning);
    try {
      const value = await work(runner.manager);
      await commit(client);
      this.commits += 1;
      return value;
    } catch (error) {
      // A connection that cannot roll back must not be used again; the first error is the one to report.
      await client.finish('ROLLBACK').catch((failure: Error) => throwAway(runner, failure));
      throw error;
    }
  }

  protected async runSnapshot<T>(
    table: string,
    signal: AbortSignal,
    work: (em: EntityManager, upTo: number) => Promise<T>,
  ): Promise<T> {
    const upTo = await this.settledUpTo(table, 'seq');
    return this.track(async (runner) => {
      await runner.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      try {
        // A store that is slow to take the bytes keeps the connection silent for long, whatever the server's limits are.
        await runner.query(NO_LIMITS);
        return await work(runner.manager, upTo);
      } finally {
        await runner.query('ROLLBACK').catch(() => undefined);
      }
    }, signal);
  }

  /** Without a `signal` the work ends after the time of a unit at the latest; with one, when it is aborted. */
  private track<T>(work: (runner: QueryRunner) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.closed) return Promise.reject(unavailable('database'));
    return this.running.add(this.withRunner(work, signal));
  }

  private async withRunner<T>(
    work: (runner: QueryRunner) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    const end = () => throwAway(runner, new Error('A unit of work took too long, or was stopped.'));
    const late = signal ? undefined : setTimeout(end, this.limits.unitMs);
    signal?.addEventListener('abort', end, { once: true });
    try {
      return await work(runner);
    } catch (error) {
      throw translateDatabaseError(error);
    } finally {
      clearTimeout(late);
      signal?.removeEventListener('abort', end);
      await runner.release();
    }
  }
}

function beginning({ statementMs, lockMs, idleMs }: UnitLimits): Held[] {
  const limits = { statement_timeout: statementMs, lock_timeout: lockMs };
  const all = { ...limits, idle_in_transaction_session_timeout: idleMs };
  const settings = Object.entries(all).map(([name, ms]) => `set_config('${name}', '${ms}', true)`);
  // The transaction gets its id before it draws any number: `settledUpTo` relies on that.
  const text = `SELECT ${settings.join(', ')}, pg_current_xact_id()`;
  return [
    { text: 'BEGIN', values: [] },
    { text, values: [] },
  ];
}

/**
 * Commits. Where a statement has failed, PostgreSQL answers COMMIT with a rollback and no error: that throws here.
 * If the connection is lost during the COMMIT, its outcome is unknown, and the error says so.
 */
async function commit(client: BatchingClient): Promise<void> {
  const { command } = await client.finish('COMMIT').catch((error: unknown) => {
    throw isDatabaseUnavailable(error) && !wasRefused(error) ? outcomeUnknown('database', error) : error;
  });
  if (command !== 'COMMIT')
    throw new Error('A unit of work went on after a statement of it had failed; nothing of it was written.');
}

/** Whether the server itself has said that a statement failed, and lives on: then the transaction is not committed. */
function wasRefused(error: unknown): boolean {
  return error instanceof Error && (error as Partial<DatabaseError>).severity === 'ERROR';
}

/** Closes the runner's connection instead of giving it back to the pool; what it is asked fails from now on. */
function throwAway(runner: QueryRunner, reason: Error): void {
  // TypeORM does the same when a connection reports an error; it has no public way to say so from outside.
  void (
    runner as unknown as { releasePostgresConnection(reason: Error): Promise<void> }
  ).releasePostgresConnection(reason);
}
