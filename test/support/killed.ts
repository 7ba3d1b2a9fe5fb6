import { join } from 'node:path';

/** Where a process is killed; see killed-at.cjs. */
export interface KillPoint {
  /** Right before this statement; 0: nowhere, they are only counted. */
  at: number;
  /** Counted from the first one that contains this; without it from the start. */
  from?: string;
  /** Ids of the jobs that SIGUSR2 runs. With a list, also an empty one, no job runs by its schedule. */
  jobs?: readonly string[];
  /** A folder whose changes count as well, those of what its files hold included. */
  files?: string;
}

/** What makes Node load killed-at.cjs. */
export const KILLABLE: readonly string[] = ['--require', join(__dirname, 'killed-at.cjs')];

/** The environment of a process that is killed at a point, and is started with KILLABLE. */
export function killPoint({ at, from, jobs, files }: KillPoint): Record<string, string> {
  return {
    KILLED_AT: String(at),
    ...(from && { KILLED_FROM: from }),
    ...(jobs && { KILLED_JOBS: jobs.join(',') }),
    ...(files && { KILLED_FILES: files, KILLED_WRITES: '1' }),
  };
}

/** How many statements a process has counted that was not killed; null if it was. */
export function countedIn(output: string): number | null {
  const counted = [...output.matchAll(/^counted (\d+)$/gm)].at(-1);
  return counted ? Number(counted[1]) : null;
}

/** So many of the statements from 1 to `last`, spread evenly, the first and the last among them. */
export function spread(last: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => 1 + Math.floor(((last - 1) * i) / Math.max(1, count - 1)));
}
