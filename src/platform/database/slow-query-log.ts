import type { Logger } from 'typeorm';
import type { Log } from '../logging/log';

/** TypeORM's log, reduced to slow statements: their text with placeholders, never their values. */
export class SlowQueryLog implements Logger {
  constructor(private readonly sink: Log) {}

  logQuerySlow(ms: number, sql: string): void {
    this.sink.warn('slow query', { ms: Math.round(ms), sql: sql.replace(/\s+/g, ' ') });
  }

  // Errors are logged with the request that fails.
  logQueryError(): void {}
  logQuery(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}
