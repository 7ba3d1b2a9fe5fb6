import { performance } from 'node:perf_hooks';

/** Milliseconds of single calls. */
export class Times {
  private readonly values: number[] = [];

  take<T>(job: () => T): T {
    const start = performance.now();
    const result = job();
    this.values.push(performance.now() - start);
    return result;
  }

  /** The value below which `part` (0 to 1) of all lie. */
  quantile(part: number): number {
    const sorted = [...this.values].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
  }

  /** "median / p99" in ms. */
  summary(): string {
    return `${this.quantile(0.5).toFixed(2)} / ${this.quantile(0.99).toFixed(2)}`;
  }
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
