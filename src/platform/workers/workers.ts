/**
 * What the service's worker pools report about themselves. One for each running service: pools report to it, health
 * reads it.
 */
export class Workers {
  private readonly failures = new Map<string, string>();

  /** No worker of the pool could be started, or it ended by itself. `code` is the fault's, such as EMFILE. */
  failed(pool: string, code: string): void {
    this.failures.set(pool, code);
  }

  /** A worker of the pool did its work. */
  worked(pool: string): void {
    this.failures.delete(pool);
  }

  /** The pools whose last job found no worker, with the fault's code. */
  failing(): { pool: string; code: string }[] {
    return [...this.failures].map(([pool, code]) => ({ pool, code }));
  }
}
