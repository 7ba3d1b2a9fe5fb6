import { performance } from 'node:perf_hooks';

/** Milliseconds of single calls. */
export class Times {
  private readonly values: number[] = [];

  take<T>(job: () => T): T {
    const start = performance.now();
    const result = job();
    this.add(performance.now() - start);
    return result;
  }

  async takeAsync<T>(job: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await job();
    this.add(performance.now() - start);
    return result;
  }

  add(ms: number): void {
    this.values.push(ms);
  }

  get count(): number {
    return this.values.length;
  }

  /** The value below which `part` (0 to 1) of all lie; NaN when there is none. */
  quantile(part: number): number {
    return quantile(this.values, part);
  }

  /** "median / p99" in ms. */
  summary(): string {
    return `${this.quantile(0.5).toFixed(2)} / ${this.quantile(0.99).toFixed(2)}`;
  }
}

/** The value below which `part` (0 to 1) of all lie; NaN when there is none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

/** The middle value; NaN when there is none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** Pads the cells so that the columns stand below each other, the first to the left, others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join('  '),
    )
    .join('\n');
}

/** A figure with its target: "0.43 (≤ 0.45)", with a mark where it misses. */
export function against(value: number, sign: '≤' | '≥' | '<', target: number, unit = '', digits = 2): string {
  const met = sign === '≥' ? value >= target : sign === '<' ? value < target : value <= target;
  const shown = `${value.toFixed(digits)}${unit}`;
  return `${shown} (target ${sign} ${target}${unit})${met ? '' : ' MISSED'}`;
}
