import { QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';
import { AppError, unavailable } from '../errors/app-error';

const SQLITE_UNAVAILABLE = /^SQLITE_(FULL|IOERR|BUSY|LOCKED|READONLY|CANTOPEN|NOMEM|PROTOCOL)/;
// PostgreSQL's classes 08 (connection), 53 (resources), 57P (shutdown), 58 (system); 25P and 57014 (timeouts),
// 55P03 (lock timeout), 40 (deadlock, or a conflict on a standby); and errors of the pool or socket.
const POSTGRES_UNAVAILABLE =
  /^(08...|53...|57P0\d|57014|58...|25006|25P0[34]|55P03|40001|40P01|ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
const POSTGRES_GONE =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered|Client was closed|not queryable|Query runner already released/i;

/** The driver's own error code (`SQLITE_FULL`, `23505`), also from within TypeORM's wrapper. */
export function databaseCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { driverError, code } = error as Error & { driverError?: { code?: unknown }; code?: unknown };
  const found = driverError?.code ?? code;
  return typeof found === 'string' ? found : undefined;
}

/** Whether a unique key or index refused a row. */
export function isUniqueViolation(error: unknown): boolean {
  const code = databaseCode(error);
  return code === '23505' || code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

/** Whether the database as a whole is unavailable (full, unreachable, locked), as opposed to a faulty statement. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const code = databaseCode(error);
  if (code && (SQLITE_UNAVAILABLE.test(code) || POSTGRES_UNAVAILABLE.test(code))) return true;
  // If a connection breaks between two statements, the second one fails with one of these.
  if (error instanceof QueryRunnerAlreadyReleasedError) return true;
  if (error instanceof QueryRunnerProviderAlreadyReleasedError) return true;
  return error instanceof Error && POSTGRES_GONE.test(error.message);
}

/** Returns a 503 if the database is unavailable, otherwise the error itself. */
export function translateDatabaseError(error: unknown): unknown {
  return !(error instanceof AppError) && isDatabaseUnavailable(error)
    ? unavailable('database', error)
    : error;
}
