import { mkdirSync, statSync, type Stats } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

const MODE = 0o700;

/**
 * Creates a folder and its missing parents with mode 0700. Returns those that it created, the outermost first.
 * Throws the system's error, with the path that cannot be used. It does not use the option `recursive`: below a folder
 * that answers every mkdir with ENOENT, such as /proc, Node.js would try without end, and on a read-only disk it would
 * report ENOENT.
 */
export function makeFolderSync(path: string): string[] {
  const missing: string[] = [];
  for (
    let at = resolve(path);
    !isFolder(
      at,
      tried(() => statSync(at)),
    );
    at = dirname(at)
  )
    missing.unshift(at);
  const made: string[] = [];
  for (const folder of missing) {
    const result = tried(() => mkdirSync(folder, MODE));
    if (!(result instanceof Error)) made.push(folder);
    else if (
      !wasThere(result) ||
      !isFolder(
        folder,
        tried(() => statSync(folder)),
      )
    )
      throw result;
  }
  return made;
}

/** Like `makeFolderSync`, outside the event loop. */
export async function makeFolder(path: string): Promise<string[]> {
  const missing: string[] = [];
  for (let at = resolve(path); !isFolder(at, await stat(at).catch(asError)); at = dirname(at))
    missing.unshift(at);
  const made: string[] = [];
  for (const folder of missing) {
    const result = await mkdir(folder, MODE).catch(asError);
    if (!(result instanceof Error)) made.push(folder);
    else if (!wasThere(result) || !isFolder(folder, await stat(folder).catch(asError))) throw result;
  }
  return made;
}

/** False if nothing has this name; throws if it is something else than a folder, or cannot be looked at. */
function isFolder(path: string, found: Stats | Error): boolean {
  if (found instanceof Error) {
    if (codeOf(found) === 'ENOENT' && dirname(path) !== path) return false;
    throw found;
  }
  if (found.isDirectory()) return true;
  throw Object.assign(new Error(`ENOTDIR: not a folder, '${path}'`), { code: 'ENOTDIR', path });
}

// Another process may have created it since.
const wasThere = (error: Error) => codeOf(error) === 'EEXIST';

const codeOf = (error: Error) => (error as NodeJS.ErrnoException).code;

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function tried<T>(call: () => T): T | Error {
  try {
    return call();
  } catch (error) {
    return asError(error);
  }
}
