/**
 * The positions in `values` of a longest strictly rising subsequence, in order; negative values are left out.
 * Patience sorting with back pointers (Fredman 1975), O(n log n).
 */
export function longestRise(values: readonly number[]): number[] {
  const before = new Int32Array(values.length).fill(-1);
  const tails: number[] = [];
  values.forEach((value, at) => {
    if (value < 0) return;
    const pile = firstNotBelow(tails, values, value);
    before[at] = tails[pile - 1] ?? -1;
    tails[pile] = at;
  });
  const rise: number[] = [];
  for (let at = tails.at(-1) ?? -1; at >= 0; at = before[at] ?? -1) rise.push(at);
  return rise.reverse();
}

function firstNotBelow(tails: readonly number[], values: readonly number[], value: number): number {
  let low = 0;
  let high = tails.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[tails[middle] ?? 0] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * A row of slots, each empty or taken, that tells how many taken ones stand before a slot.
 * Both operations are O(log n) (binary indexed tree; Fenwick 1994).
 */
export class Slots {
  private readonly tree: Int32Array;

  constructor(size: number) {
    this.tree = new Int32Array(size + 1);
  }

  /** Takes (1) or frees (-1) a slot. */
  change(slot: number, by: 1 | -1): void {
    for (let at = slot + 1; at < this.tree.length; at += at & -at) this.tree[at] = (this.tree[at] ?? 0) + by;
  }

  /** How many taken slots stand before this one. */
  before(slot: number): number {
    let count = 0;
    for (let at = slot; at > 0; at -= at & -at) count += this.tree[at] ?? 0;
    return count;
  }
}
