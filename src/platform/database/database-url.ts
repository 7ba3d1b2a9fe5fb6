import { isAbsolute, resolve } from 'node:path';

/** Where the data lives. */
export type DatabaseTarget = { kind: 'sqlite'; file: string } | { kind: 'postgres'; url: string };

/**
 * Parses `DATABASE_URL`: `sqlite:///./relative.db`, `sqlite:////absolute.db` (SQLAlchemy's form) or `postgres://…` /
 * `postgresql://…`. A relative file is relative to the working directory. Throws an Error that names the accepted
 * forms, without the URL itself, which may contain a password.
 */
export function parseDatabaseUrl(url: string): DatabaseTarget {
  if (url.startsWith('sqlite:///'))
    return { kind: 'sqlite', file: sqliteFile(url.slice('sqlite:///'.length)) };
  if (/^postgres(ql)?:\/\/./.test(url)) {
    if (!URL.canParse(url)) throw new Error('is not a valid postgres:// URL');
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
