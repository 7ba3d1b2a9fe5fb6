import { getPriority, setPriority } from 'node:os';
import { isMainThread } from 'node:worker_threads';

/** Steps below the thread that answers requests: a third of its share of cores where they are short. At 10, jobs starve. */
const NICENESS = 5;
const LOWEST = 19;

/**
 * Lowers the priority of this worker thread. The steps count from the priority of the process, because only a
 * privileged one may raise its own: under `nice -n 10`, a fixed value would end every thread at its start.
 */
export function lowerPriority(): void {
  // On Linux a priority is a thread's own; elsewhere it would be the whole process's.
  if (isMainThread || process.platform !== 'linux') return;
  setPriority(Math.min(getPriority() + NICENESS, LOWEST));
}
