import type { UsageCounts } from './usage.entity';

export type { UsageCounts };

const FIELDS = ['graphs', 'versions', 'config_bytes', 'head_bytes', 'frame_bytes'] as const;

/** No usage, or no change. */
export const NO_USAGE: UsageCounts = Object.freeze({
  graphs: 0,
  versions: 0,
  config_bytes: 0,
  head_bytes: 0,
  frame_bytes: 0,
});

/** The sum of `a` and `b`. */
export function sumOf(a: UsageCounts, b: UsageCounts): UsageCounts {
  return combined(a, b, (x, y) => x + y);
}

/** The change that turns `from` into `to`. */
export function differenceOf(to: UsageCounts, from: UsageCounts): UsageCounts {
  return combined(to, from, (x, y) => x - y);
}

/** The change that removes `counts`. */
export function negated(counts: UsageCounts): UsageCounts {
  return differenceOf(NO_USAGE, counts);
}

export function isNothing(counts: UsageCounts): boolean {
  return FIELDS.every((field) => counts[field] === 0);
}

/** Only the counters, as numbers: PostgreSQL returns sums as text. */
export function countsOf(row: Readonly<Record<keyof UsageCounts, unknown>>): UsageCounts {
  const { graphs, versions, config_bytes, head_bytes, frame_bytes } = row;
  return {
    graphs: Number(graphs),
    versions: Number(versions),
    config_bytes: Number(config_bytes),
    head_bytes: Number(head_bytes),
    frame_bytes: Number(frame_bytes),
  };
}

function combined(a: UsageCounts, b: UsageCounts, of: (x: number, y: number) => number): UsageCounts {
  // Avoids negative zero, which comparisons in tests and readers don't expect.
  const field = (name: keyof UsageCounts) => of(a[name], b[name]) + 0;
  return {
    graphs: field('graphs'),
    versions: field('versions'),
    config_bytes: field('config_bytes'),
    head_bytes: field('head_bytes'),
    frame_bytes: field('frame_bytes'),
  };
}
