import { AppError } from './app-error';
import { OperatorError } from './operator-error';

/** By the system's or the driver's code: what happened, and what an operator can do about it. */
const SENTENCES: ReadonlyArray<readonly [RegExp, string]> = [
  [
    /^(SQLITE_FULL|ENOSPC|EDQUOT|53100)$/,
    'The disk is full. Make room, then start again; nothing that was answered is lost.',
  ],
  [
    /^(SQLITE_READONLY\w*|EROFS)$/,
    'The disk or the database file is read-only. Make DATA_DIR (and the file of DATABASE_URL) writable for the user that the service runs as.',
  ],
  [
    /^(ENAMETOOLONG|SQLITE_CANTOPEN_FULLPATH)$/,
    'The path of a file or folder is too long. Set DATA_DIR, DATABASE_URL and BACKUP_STORE_URL to shorter ones.',
  ],
  [
    /^SQLITE_CANTOPEN\w*$/,
    'The database file cannot be opened. Check DATABASE_URL and DATA_DIR: the folder must exist and be writable for the user that the service runs as.',
  ],
  [
    /^(SQLITE_CORRUPT\w*|SQLITE_NOTADB)$/,
    'The database file is damaged. Keep it as it is, and see docs/disaster.md, "A lost database".',
  ],
  [
    /^SQLITE_IOERR\w*$/,
    'The disk reports an error on the database file. Check the disk; keep the file as it is, and see docs/disaster.md.',
  ],
  [/^(SQLITE_BUSY\w*|55P03)$/, 'The database is locked by another program. Stop it, then start again.'],
  [
    /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|57P0\d|08\w{3})$/,
    'The database server of DATABASE_URL cannot be reached. Check that PostgreSQL runs, and the host and the port in DATABASE_URL.',
  ],
  [/^(28\w{3}|SASL)$/, 'The database server refuses the user or the password in DATABASE_URL.'],
  [
    /^(TLS|\w*CERT\w*|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/,
    'No encrypted connection to the database server. Check sslmode and sslrootcert in DATABASE_URL, and the certificate of the server.',
  ],
  [
    /^3D000$/,
    'The database that DATABASE_URL names does not exist on the server. Create it: CREATE DATABASE …',
  ],
  [
    /^(42501)$/,
    'The user in DATABASE_URL may not do this. It needs the right to create tables in the database.',
  ],
  [
    /^53300$/,
    'The database server has no connection left. Lower DATABASE_POOL_SIZE, or raise max_connections.',
  ],
  [
    /^(EMFILE|ENFILE)$/,
    'The process has no file descriptors left. Raise the limit: LimitNOFILE= in the unit, or "ulimit -n" (1024 are enough).',
  ],
];

/** An error of these is about a file also where the system names none, as when a folder is read. */
const OF_A_FILE = /^(EACCES|EPERM|ENOENT|ENOTDIR|EISDIR|ELOOP|EEXIST|EIO|ESTALE)$/;
const OF_THE_SYSTEM = /^E[A-Z0-9]+$/;
/** Of every other error of the system about a path. */
const OF_FILES =
  'A file or folder cannot be used. Check DATA_DIR, DATABASE_URL and BACKUP_STORE_URL, and who may write there.';
/** Characters of a path that a sentence shows. */
const PATH_MAX = 200;

/** An error as a sentence for the operator, with its code and path; undefined for one that only a developer understands. */
export function explainError(error: unknown): string | undefined {
  if (error instanceof OperatorError) return error.message;
  for (const { code, path } of codesOf(error)) {
    const found = SENTENCES.find(([pattern]) => pattern.test(code));
    if (found) return `${found[1]} ${inParentheses(code, path)}`;
    if (path === undefined ? OF_A_FILE.test(code) : OF_THE_SYSTEM.test(code))
      return `${OF_FILES} ${inParentheses(code, path)}`;
  }
  // Written for clients, and a sentence for operators as well.
  return error instanceof AppError && error.kind === 'unavailable' ? error.message : undefined;
}

function inParentheses(code: string, path = ''): string {
  if (path === '') return `(${code})`;
  return `(${code}, ${path.length > PATH_MAX ? `${path.slice(0, PATH_MAX)}…` : path})`;
}

/** What the driver of PostgreSQL and its pool say without a code. */
const WITHOUT_CODE: ReadonlyArray<readonly [RegExp, string]> = [
  [/timeout exceeded when trying to connect|Connection terminated/, 'ETIMEDOUT'],
  [/^SASL: |password must be a string/, 'SASL'],
  [/^The server does not support SSL connections/, 'TLS'],
];

/** The codes of an error: the driver's within TypeORM's, then of what it is made of, and of its cause. */
function* codesOf(error: unknown): Generator<{ code: string; path: string | undefined }> {
  if (!(error instanceof Error)) return;
  const { driverError, code, path } = error as { driverError?: unknown; code?: unknown; path?: unknown };
  if (typeof code === 'string') yield { code, path: typeof path === 'string' ? path : undefined };
  if (error instanceof AppError && error.code === 'disk-full') yield { code: 'ENOSPC', path: undefined };
  const said = WITHOUT_CODE.find(([pattern]) => pattern.test(error.message));
  if (said) yield { code: said[1], path: undefined };
  if (driverError !== error) yield* codesOf(driverError);
  if (error instanceof AggregateError) for (const part of error.errors) yield* codesOf(part);
  // Only where the error itself is a general one: other messages say more than a code does.
  if (error instanceof AppError) yield* codesOf(error.cause);
}

/** Why the service cannot listen at its address. */
export function explainListen(error: unknown, host: string, port: number): Error {
  const code = (error as NodeJS.ErrnoException).code;
  const sentence =
    code === 'EADDRINUSE'
      ? `The address is already in use: ${host}:${port}. Set PORT to another one, or stop the program that uses it.`
      : code === 'EACCES'
        ? `The service may not listen on port ${port}. Set PORT to one above 1023.`
        : `HOST=${host} is not an address of this machine. Set it to 127.0.0.1, 0.0.0.0, :: or an address of this machine.`;
  return new OperatorError(`${sentence} (${code ?? 'no code'})`, { cause: error });
}
