import { isAbsolute, resolve } from 'node:path';

/** Where the data lives. */
export type DatabaseTarget = { kind: 'sqlite'; file: string } | { kind: 'postgres'; url: string };

/**
 * Reads `DATABASE_URL`: `sqlite:///./relative.db`, `sqlite:////absolute.db` (SQLAlchemy's form) or
 * `postgres://…` / `postgresql://…`. A relative file is taken from the working directory.
 * Throws an Error with a sentence that names what is accepted; the URL itself, which may hold a password, is not in it.
 */
export function parseDatabaseUrl(url: string): DatabaseTarget {
  if (url.startsWith('sqlite:///'))
    return { kind: 'sqlite', file: sqliteFile(url.slice('sqlite:///'.length)) };
  if (/^postgres(ql)?:\/\/./.test(url)) {
    if (!URL.canParse(url)) throw new Error('is not a readable postgres:// URL');
    return { kind: 'postgres', url };
  }
  throw new Error(
    'must look like sqlite:///./relative.db, sqlite:////absolute.db or postgres://user@host/database',
  );
}

function sqliteFile(path: string): string {
  const file = path.split('?')[0] ?? '';
  if (file === '' || file === ':memory:')
    throw new Error('must name a file: a database in memory would lose every write');
  return isAbsolute(file) ? file : resolve(file);
}
