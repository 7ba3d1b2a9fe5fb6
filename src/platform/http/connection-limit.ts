import { readFileSync } from 'node:fs';

/** Descriptors for the database, its log, worker threads, the vault and connections to other servers. */
const RESERVED = 128;
const LEAST = 16;
/** No more is useful to one process, however many descriptors it has. */
const MOST = 10_000;
/** Where the system does not say how many descriptors there are (outside Linux). */
const UNKNOWN = 256;

/**
 * How many connections the service keeps open at the same time; further ones are closed at once. Without a bound, idle
 * connections use up the process's descriptors, and then no file can be opened and no thread started.
 */
export function connectionLimit(limits = readLimits()): number {
  const descriptors = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? UNKNOWN);
  return Math.min(MOST, Math.max(LEAST, descriptors - RESERVED));
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}
