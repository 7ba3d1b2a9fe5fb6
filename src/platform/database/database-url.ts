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
    if (!isReadable(url))
      throw new Error(
        'is not a valid postgres:// URL; write special characters of the password as %XX, such as %23 for # and %25 for %',
      );
    return { kind: 'postgres', url };
  }
  throw new Error(
    'must look like sqlite:///./relative.db, sqlite:////absolute.db or postgres://user@host/database',
  );
}

/** Whether the driver can read it: it decodes each part, too. */
function isReadable(url: string): boolean {
  try {
    const { username, password, pathname } = new URL(url);
    return [username, password, pathname].every((part) => decodeURIComponent(part) !== undefined);
  } catch {
    return false;
  }
}

function sqliteFile(path: string): string {
  const file = path.split('?')[0] ?? '';
  if (file === '' || file === ':memory:')
    throw new Error('must name a file: a database in memory would lose every write');
  return isAbsolute(file) ? file : resolve(file);
}
