import type { Database, Statement } from 'better-sqlite3';
import type { EntityManager } from 'typeorm';
import { InFlight } from '../async/in-flight';
import { Pace } from '../async/pace';
import { yieldToEventLoop } from '../async/yield-to-event-loop';
import { unavailable } from '../errors/app-error';
import { databaseCode, translateDatabaseError } from './database-errors';
import { driverOf, type SqliteConnections } from './data-source';
import { diskFull, type DiskReserve } from './disk-reserve';
import type { LogCheckpoints } from './log-checkpoints';
import { LoopTurn } from './loop-turn';
import { preparedOn } from './prepared-sqlite';
import { SharedRead } from './shared-read';
import { UnitOfWork, type Work, type WriteOptions, type WriterState } from './unit-of-work';

/** Units that share one durable commit at most: bounds what one failed commit can take with it. */
const GROUP_UNITS = 256;
/** A group that has run for so long takes no further units, so that its first ones are answered; ms. */
const GROUP_MS = 20;
/** Patient units that share a commit, and how long the first of them waits for others at most, ms. */
const PATIENT_UNITS = 16;
export const PATIENCE_MS = 25;
/** So long a group takes patient units before others that have come since; ms. */
const PATIENT_MS = 2;
/** Free pages given back in one transaction, so that no write waits long for it: 2 MiB. */
const RECLAIMED_PAGES = 512;

const NOW = { grows: false, patient: false } as const;

interface Unit extends Required<WriteOptions> {
  work: Work<unknown>;
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

/**
 * SQLite's writer: units wait in a first-in-first-out queue and commit in groups. One `BEGIN IMMEDIATE`,
 * each waiting unit in a savepoint of its own, one durable `COMMIT`, and only then are all answered; a unit
 * that fails rolls back alone. TypeORM shares one SQLite connection between all callers, so two concurrent
 * transactions of its own would mix (typeorm #1884). Reads go over a second, read-only connection.
 */
export class SqliteUnitOfWork extends UnitOfWork {
  readonly sharing = PATIENT_UNITS;
  private readonly queue: Unit[] = [];
  private readonly patient: Unit[] = [];
  private patience: NodeJS.Timeout | undefined;
  private readonly turn = new LoopTurn();
  private readonly reads = new InFlight();
  private readonly writer: EntityManager;
  private readonly reader: EntityManager;
  private readonly quickReader: EntityManager;
  private readonly shared: SharedRead;
  private readonly connection: Database;
  private readonly commands: Readonly<Record<'begin' | 'commit' | 'enter' | 'leave', Statement>>;
  private draining: Promise<void> | undefined;
  private closed = false;
  private commits = 0;
  private units = 0;

  /** `disk` and `checkpoints`: only of the service; tools have none. */
  constructor(
    private readonly connections: SqliteConnections,
    private readonly disk?: DiskReserve,
    private readonly checkpoints?: LogCheckpoints,
  ) {
    super();
    this.writer = this.turn.share(preparedOn(connections.writer.createQueryRunner()), {
      first: true,
    }).manager;
    this.reader = this.turn.share(preparedOn(connections.reader.createQueryRunner())).manager;
    this.shared = new SharedRead(driverOf(connections.quickReader));
    const quick = this.shared.share(preparedOn(connections.quickReader.createQueryRunner()));
    this.quickReader = this.turn.share(quick).manager;
    this.connection = connections.database;
    const command = (sql: string) => this.connection.prepare(sql);
    this.commands = {
      begin: command('BEGIN IMMEDIATE'),
      commit: command('COMMIT'),
      enter: command('SAVEPOINT unit'),
      leave: command('RELEASE unit'),
    };
    disk?.start(() => this.freeDisk());
  }

  state(): WriterState {
    const { commits, units } = this;
    const waiting = this.queue.length + this.patient.length;
    return { waiting, commits, units, diskFull: this.disk?.isFull ?? false };
  }

  reclaim(): Promise<number> {
    return this.runWrite(() => {
      const freePages = () => this.connection.pragma('freelist_count', { simple: true }) as number;
      const before = freePages();
      // exec and not pragma: the statement frees one page with each step.
      if (before > 0) this.connection.exec(`PRAGMA incremental_vacuum(${RECLAIMED_PAGES})`);
      const pageBytes = this.connection.pragma('page_size', { simple: true }) as number;
      return Promise.resolve((before - freePages()) * pageBytes);
    }, NOW);
  }

  pool(): Record<string, number> {
    return {};
  }

  // One writer, so numbers are committed in the order they are drawn.
  async settledUpTo(table: string, column: string): Promise<number> {
    const [row] = await this.read((em) =>
      em.query<Array<{ newest: number | null }>>(`SELECT MAX("${column}") AS newest FROM "${table}"`),
    );
    return row?.newest ?? 0;
  }

  protected async runClose(): Promise<void> {
    this.closed = true;
    this.disk?.close();
    this.hurry();
    await this.draining;
    await this.checkpoints?.close();
    await this.reads.settled();
    await this.connections.quickReader.destroy();
    await this.connections.reader.destroy();
    await this.connections.writer.destroy();
  }

  protected runRead<T>(work: Work<T>): Promise<T> {
    return this.reads.add(this.readOn(this.reader, work));
  }

  protected override runQuickRead<T>(work: Work<T>): Promise<T> {
    return this.reads.add(this.readOn(this.quickReader, work));
  }

  /** On a connection of its own: a transaction that only reads keeps seeing the state in which it began (WAL). */
  protected async runSnapshot<T>(
    table: string,
    signal: AbortSignal,
    work: (em: EntityManager, upTo: number) => Promise<T>,
  ): Promise<T> {
    if (this.closed) throw unavailable('database');
    const source = await this.connections.openReader();
    const end = () => void source.destroy().catch(() => undefined);
    signal.addEventListener('abort', end, { once: true });
    try {
      const { manager } = this.turn.share(preparedOn(source.createQueryRunner()));
      await manager.query('BEGIN');
      const [row] = await manager.query<Array<{ seq: number | null }>>(
        `SELECT MAX("seq") AS seq FROM "${table}"`,
      );
      return await work(manager, row?.seq ?? 0);
    } catch (error) {
      throw translateDatabaseError(error);
    } finally {
      signal.removeEventListener('abort', end);
      if (source.isInitialized) await source.destroy();
    }
  }

  protected runWrite<T>(work: Work<T>, { grows, patient }: Required<WriteOptions>): Promise<T> {
    if (this.closed) return Promise.reject(unavailable('database'));
    return new Promise<T>((resolve, reject) => {
      const unit = { work, grows, patient, resolve: resolve as (value: unknown) => void, reject };
      if (patient) return this.wait(unit);
      this.queue.push(unit);
      this.draining ??= this.drain();
    });
  }

  /** Puts a unit aside until there is a commit to share. */
  private wait(unit: Unit): void {
    this.patient.push(unit);
    if (this.patient.length >= PATIENT_UNITS) this.hurry();
    else this.patience ??= setTimeout(() => this.hurry(), PATIENCE_MS);
  }

  /** Patient units wait no longer; they come behind all that wait for the next commit. */
  private hurry(): void {
    clearTimeout(this.patience);
    this.patience = undefined;
    this.queue.push(...this.patient.splice(0));
    if (this.queue.length > 0) this.draining ??= this.drain();
  }

  private async readOn<T>(reader: EntityManager, work: Work<T>): Promise<T> {
    if (this.closed) throw unavailable('database');
    try {
      return await work(reader);
    } catch (error) {
      throw translateDatabaseError(error);
    }
  }

  private async drain(): Promise<void> {
    while (this.queue.length > 0) {
      // One turn of the event loop lets every request that has already arrived join the group.
      await yieldToEventLoop();
      await this.commitGroup();
      this.stopFollowing();
      this.checkpoints?.look();
    }
    this.draining = undefined;
  }

  private async commitGroup(): Promise<void> {
    const taken: Unit[] = [];
    const answers: Array<() => void> = [];
    this.disk?.look();
    try {
      this.shared.end();
      this.commands.begin.run();
      const began = performance.now();
      const pace = new Pace();
      for (let unit; hasRoom(taken, began + GROUP_MS) && (unit = this.next(taken, began));) {
        taken.push(unit);
        answers.push(await this.runUnit(unit));
        if (unit.patient) await pace.pause();
      }
      // Others come between units that can wait, and before the disk is waited for.
      if (taken.some(({ patient }) => patient)) await yieldToEventLoop();
      this.commands.commit.run();
    } catch (error) {
      this.failGroup(taken, error);
      return;
    }
    this.shared.end();
    this.commits += 1;
    this.units += taken.length;
    for (const answer of answers) answer();
  }

  /**
   * The next unit of a group. A group of patient units takes others before the rest of these, and ends with them, so
   * that a request waits for some patient units at most, and patient units never wait for all requests.
   */
  private next(taken: readonly Unit[], began: number): Unit | undefined {
    if (performance.now() - began < PATIENT_MS) return this.queue.shift();
    const at = this.queue.findIndex(({ patient }) => !patient);
    if (at >= 0) return this.queue.splice(at, 1)[0];
    return taken.every(({ patient }) => patient) ? this.queue.shift() : undefined;
  }

  /** Runs one unit in a savepoint; returns how to answer it once the group's commit is durable. */
  private async runUnit(unit: Unit): Promise<() => void> {
    if (unit.grows && this.disk?.isFull) return () => unit.reject(diskFull());
    this.commands.enter.run();
    try {
      const value = await unit.work(this.writer);
      this.commands.leave.run();
      return () => unit.resolve(value);
    } catch (error) {
      // A full disk or an I/O error rolls the whole transaction back (sqlite.org/lang_transaction.html): the
      // units before this one are gone with it and must not be answered as written.
      if (!this.connection.inTransaction) throw error;
      this.connection.exec('ROLLBACK TO unit; RELEASE unit');
      this.lookAtFailure(error);
      return () => unit.reject(translateDatabaseError(error));
    }
  }

  /** Releases the reserve if a failure was for want of space; what is freed helps from the next unit on. */
  private lookAtFailure(error: unknown): boolean {
    if (!this.disk || !/^SQLITE_(FULL|IOERR)/.test(databaseCode(error) ?? '')) return false;
    if (databaseCode(error) === 'SQLITE_FULL') this.disk.ranFull();
    else this.disk.look();
    return this.disk.isFull;
  }

  /** Gives free pages back to a full disk; the file shrinks with the checkpoint. */
  private async freeDisk(): Promise<void> {
    while (!this.closed && (await this.reclaim()) > 0);
    if (this.closed) return;
    // Empties the log, too, which may be 64 MiB long. Without a timeout it never waits for a reader.
    const timeoutMs = this.connection.pragma('busy_timeout', { simple: true }) as number;
    this.connection.pragma('busy_timeout = 0');
    this.shared.end();
    try {
      this.connection.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      this.connection.pragma(`busy_timeout = ${timeoutMs}`);
    }
  }

  private failGroup(taken: Unit[], error: unknown): void {
    try {
      if (this.connection.inTransaction) this.connection.exec('ROLLBACK');
    } catch {
      // The next BEGIN meets the same trouble and reports it; the units below are answered either way.
    }
    const isFull = this.lookAtFailure(error);
    const reason = isFull ? diskFull() : unavailable('database', error);
    for (const unit of taken) unit.reject(reason);
    // No transaction could begin: no unit in the queue would succeed now.
    if (taken.length === 0) for (const unit of this.queue.splice(0)) unit.reject(reason);
  }
}

/** Whether a group takes one more unit; the first one always. */
function hasRoom(taken: readonly Unit[], end: number): boolean {
  return taken.length === 0 || (taken.length < GROUP_UNITS && performance.now() < end);
}
