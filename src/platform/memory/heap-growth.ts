import { setFlagsFromString } from 'node:v8';

/**
 * From now on, V8 collects the old generation of its heap once that has grown by three quarters since the last time. By
 * itself it waits, on a machine with much memory, until there is three times as much:
 * docs/decisions/0069-a-bounded-growth-of-the-heap.md. For a service that has started: a start makes no garbage that is
 * worth it, and V8 takes compiled code only from a process with the same flags.
 */
export function boundHeapGrowth(): void {
  setFlagsFromString('--heap-growing-percent=75');
}
