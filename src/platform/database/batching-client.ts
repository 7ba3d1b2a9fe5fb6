import { Client, Query, type ClientConfig, type Connection } from 'pg';

/** A statement and its parameters. */
export interface Held {
  text: string;
  values: readonly unknown[];
}

/** The callbacks of a query that `pg` calls while the response arrives; its types don't include them. */
interface Listener {
  handleRowDescription(message: unknown): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
  handleEmptyQuery(connection: Connection): void;
  handleReadyForQuery(connection: Connection): void;
  handleError(error: Error, connection: Connection): void;
}
type OneQuery = Query & Listener;
type Done = (error: Error | undefined, result?: unknown) => void;

/**
 * A `pg` connection on which a transaction can hold statements back and send them together with the next one, in one
 * round trip. The server skips the statements after a failed one, up to the end of the batch, so nothing ever runs
 * outside the transaction that a batch begins. Statements have no names, so that a pooler in transaction mode can be
 * used.
 */
export class BatchingClient extends Client {
  private held: Held[] = [];
  private inTransaction = false;

  constructor(config?: string | ClientConfig) {
    super(config);
    const single = this.query.bind(this) as (...args: unknown[]) => unknown;
    // Assigned here instead of as a method: its type has a dozen overloads, of which a transaction needs one.
    this.query = ((...args: unknown[]) =>
      this.held.length === 0 ? single(...args) : this.joined(single, args)) as Client['query'];
  }

  /** Begins a transaction with the first statement that is sent. */
  begin(statements: readonly Held[]): void {
    this.inTransaction = true;
    this.held = [...statements];
  }

  /**
   * Sends a statement together with the next one of the transaction, at the latest with its end, which also throws
   * its error.
   */
  hold(statement: Held): void {
    if (!this.inTransaction) throw new Error('Statements can only be held back in a transaction.');
    this.held.push(statement);
  }

  /** Ends the transaction: sends held statements with COMMIT; drops them on ROLLBACK. */
  finish(how: 'COMMIT' | 'ROLLBACK'): Promise<{ command: string }> {
    if (how === 'ROLLBACK') this.held = [];
    this.inTransaction = false;
    return this.query(how);
  }

  private joined(single: (...args: unknown[]) => unknown, args: readonly unknown[]): Promise<unknown> {
    const [text, values = []] = args;
    if (typeof text !== 'string' || !Array.isArray(values) || args.length > 2)
      throw new Error('Held statements can only be sent with a text and its values.');
    const statements = [...this.held, { text, values }];
    this.held = [];
    return new Promise((resolve, reject) => {
      const done: Done = (error, result) => (error ? reject(error) : resolve(result));
      single(new Batch(statements, done));
    });
  }
}

/** Several statements as one query of `pg`; its result is that of the last one. */
class Batch implements Listener {
  private readonly queries: OneQuery[];
  private at = 0;
  private failed = false;

  /** `pg` needs a callback. */
  constructor(
    statements: readonly Held[],
    readonly callback: Done,
  ) {
    this.queries = statements.map(({ text, values }, at) => {
      const last = at === statements.length - 1;
      const config = { text, values: [...values], queryMode: 'extended' };
      return new Query(config, (error, result) => this.answered(error, result, last)) as OneQuery;
    });
  }

  submit(connection: Connection): void {
    const { stream } = connection;
    // Each query would end with its own Sync, which would make it a separate batch.
    const withoutSync = Object.create(connection, { sync: { value: () => undefined } }) as Connection;
    stream.cork();
    try {
      for (const query of this.queries) query.submit(withoutSync);
      (connection as Connection & { sync(): void }).sync();
    } finally {
      stream.uncork();
    }
  }

  handleRowDescription(message: unknown): void {
    this.current.handleRowDescription(message);
  }

  handleDataRow(message: unknown): void {
    this.current.handleDataRow(message);
  }

  handleCommandComplete(message: unknown, connection: Connection): void {
    this.current.handleCommandComplete(message, connection);
    if (this.at < this.queries.length - 1) this.at += 1;
  }

  handleEmptyQuery(): void {
    // An empty statement has no response of its own; the next one's follows.
    if (this.at < this.queries.length - 1) this.at += 1;
  }

  handleReadyForQuery(connection: Connection): void {
    if (!this.failed) this.current.handleReadyForQuery(connection);
  }

  handleError(error: Error): void {
    this.answered(error, undefined, false);
  }

  private get current(): OneQuery {
    return this.queries[this.at]!;
  }

  private answered(error: Error | undefined, result: unknown, last: boolean): void {
    if (this.failed) return;
    this.failed = error !== undefined && error !== null;
    if (this.failed) this.callback(error);
    else if (last) this.callback(undefined, result);
  }
}
