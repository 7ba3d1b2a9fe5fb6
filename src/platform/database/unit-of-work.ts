import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager } from 'typeorm';

/** A piece of work that speaks SQL, and waits for nothing else. */
export type Work<T> = (em: EntityManager) => Promise<T>;

/** How the writer is doing; for metrics. */
export interface WriterState {
  /** Units in the queue now. */
  waiting: number;
  /** Durable commits since the start. */
  commits: number;
  /** Units answered by those commits. */
  units: number;
  /** Whether writes that store content are refused, because the disk is full; never on PostgreSQL. */
  diskFull: boolean;
}

/** What a write is for. */
export interface WriteOptions {
  /** Whether it stores content: it is refused with 503 while the disk is full, so that what frees space still works. */
  grows?: boolean;
  /**
   * Whether it may wait some milliseconds for other writes to share its commit. For jobs that write much: on SQLite,
   * each commit holds everybody up until it is on disk.
   */
  patient?: boolean;
}

/**
 * The one door to the database.
 *
 * `read` sees only what is committed; each statement sees the newest commit. `write` is a transaction: when
 * its promise resolves, what it wrote is on disk and survives a power cut; when it rejects, nothing of it
 * was written. Hash, compress, encrypt and touch files or the network before or after `write`, never inside:
 * everybody else's writes may be waiting behind it.
 */
export abstract class UnitOfWork {
  private readonly inside = new AsyncLocalStorage<'write'>();
  private closing: Promise<void> | undefined;

  /** Runs `work` on committed data only. Throws inside `write`, where it would not see the unit's own rows. */
  read<T>(work: Work<T>): Promise<T> {
    return this.inside.getStore() ? Promise.reject(nested('read')) : this.runRead(work);
  }

  /**
   * `read` for what each request reads. On SQLite it shares a transaction with the others of the same turn of the event
   * loop: it sees every commit of this process, and those of others, such as tools, some milliseconds later.
   */
  readQuickly<T>(work: Work<T>): Promise<T> {
    return this.inside.getStore() ? Promise.reject(nested('readQuickly')) : this.runQuickRead(work);
  }

  /** Runs `work` as one durable transaction. Throws when nested. */
  write<T>(work: Work<T>, { grows = false, patient = false }: WriteOptions = {}): Promise<T> {
    if (this.inside.getStore()) return Promise.reject(nested('write'));
    return this.runWrite((em) => this.inside.run('write', () => work(em)), { grows, patient });
  }

  /** How many patient writes share a commit when they come at the same time; 1 where each has a commit of its own. */
  abstract readonly sharing: number;

  /**
   * Runs `work` on one consistent state of the database, however long it takes and whatever is written meanwhile.
   * `upTo` is a number of the given table's `seq`: every row of it that has or will ever have that number or a lower
   * one is in the state. It lasts as long as `work` does, for hours if need be, and ends with `signal`: what `work` asks
   * after that fails. Throws inside `write`.
   */
  async snapshot<T>(
    table: string,
    signal: AbortSignal,
    work: (em: EntityManager, upTo: number) => Promise<T>,
  ): Promise<T> {
    if (this.inside.getStore()) throw nested('snapshot');
    signal.throwIfAborted();
    return this.runSnapshot(table, signal, work);
  }

  /**
   * Gives free space of the database's file back to the disk, a few pages at a time; returns the bytes, 0 when there
   * is nothing left to give. PostgreSQL does so by itself as far as it does.
   */
  abstract reclaim(): Promise<number>;

  /**
   * The highest number of a table's generated key below which, or at which, nothing can appear any more: every
   * transaction that drew such a number has ended. A reader that follows a table by its numbers stops there. It
   * may lag behind while a transaction is held open; it never goes back.
   */
  abstract settledUpTo(table: string, column: string): Promise<number>;

  /** Lets everything that was begun finish, then closes the connections; once, however often it is called. */
  close(): Promise<void> {
    return (this.closing ??= this.runClose());
  }

  abstract state(): WriterState;

  /** How many pooled connections there are, by what they do: `idle`, `busy`, and callers `waiting` for one. */
  abstract pool(): Readonly<Record<string, number>>;

  protected abstract runClose(): Promise<void>;

  protected abstract runRead<T>(work: Work<T>): Promise<T>;

  protected runQuickRead<T>(work: Work<T>): Promise<T> {
    return this.runRead(work);
  }

  protected abstract runWrite<T>(work: Work<T>, options: Required<WriteOptions>): Promise<T>;

  protected abstract runSnapshot<T>(
    table: string,
    signal: AbortSignal,
    work: (em: EntityManager, upTo: number) => Promise<T>,
  ): Promise<T>;

  /**
   * To be called while no unit runs. Following a context through every promise costs a tenth of the throughput on
   * Node 20, so it is done only while there is a unit to recognise.
   */
  protected stopFollowing(): void {
    this.inside.disable();
  }
}

function nested(call: string): Error {
  return new Error(
    `UnitOfWork.${call} was called inside UnitOfWork.write; pass the unit's own "em" on instead.`,
  );
}
