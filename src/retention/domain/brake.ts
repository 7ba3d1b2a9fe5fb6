/** What a run would remove, beside what is there and what was usual. */
export interface Removal {
  /** Versions that would go, by pruning or with purged graphs. */
  versions: number;
  /** All versions there are, of everybody's; needs to be exact only up to twice `versions`. */
  total: number;
  /** What each of the latest runs that removed anything has removed, without being forced. */
  usual: readonly number[];
}

/** Why a run stops before it has removed anything. */
export type BrakeReason = 'more_than_half' | 'unusually_many' | 'clock_jumped';

/** A run may remove this many times the usual number. */
const TIMES_THE_USUAL = 100;
/** So many runs make a usual number. */
const RUNS_FOR_USUAL = 3;

/** Why what a run would remove is too much to be true; null when it is not. */
export function tooMuch({ versions, total, usual }: Removal): BrakeReason | null {
  if (versions > 0 && versions * 2 > total) return 'more_than_half';
  if (usual.length < RUNS_FOR_USUAL) return null;
  return versions > TIMES_THE_USUAL * median(usual) ? 'unusually_many' : null;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
