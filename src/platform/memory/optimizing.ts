import { setFlagsFromString } from 'node:v8';

/**
 * Stops V8's optimizing compiler until `resumeOptimizing`. It compiles what runs often, in threads of its own, and a
 * program that starts runs most of its code once: a sixth of the CPU time of a start went into that
 * (docs/decisions/0065-a-start-from-one-file.md). All else works as before, only slower where it computes for long.
 */
export function pauseOptimizing(): void {
  setFlagsFromString('--no-opt');
}

/** For a program that has started. */
export function resumeOptimizing(): void {
  setFlagsFromString('--opt');
}
