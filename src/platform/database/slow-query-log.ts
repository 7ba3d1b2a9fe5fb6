import type { Logger } from 'typeorm';
import type { Log } from '../logging/log';

/** TypeORM's log, of which only slow statements are kept: their text, which has placeholders, never their values. */
export class SlowQueryLog implements Logger {
  constructor(private readonly sink: Log) {}

  logQuerySlow(ms: number, sql: string): void {
    this.sink.warn('slow query', { ms: Math.round(ms), sql: sql.replace(/\s+/g, ' ') });
  }

  // Errors are reported where they are answered, by their request.
  logQueryError(): void {}
  logQuery(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}
