import type { SizedLink } from './chain';

/** The rows to repack now, ascending, and the version to go on after (null: the graph is done). */
export interface RepackPlan {
  readonly versions: readonly SizedLink[];
  readonly next: number | null;
}

/**
 * Takes the next rows of a graph to repack, those above version `after`, as long as documents and bases stay
 * within `budgetBytes`; at least one, so that a document over the budget does not stop the work.
 */
export function planRepack(rows: readonly SizedLink[], after: number, budgetBytes: number): RepackPlan {
  const size = new Map(rows.map(({ version, bytes }) => [version, bytes]));
  const open = rows.filter(({ version }) => version > after).sort((a, b) => a.version - b.version);
  let spent = 0;
  const fits = ({ bytes, base }: SizedLink) =>
    (spent += bytes + (base === null ? 0 : (size.get(base) ?? 0))) <= budgetBytes;
  const end = open.findIndex((row, index) => !fits(row) && index > 0);
  const versions = end < 0 ? open : open.slice(0, end);
  return { versions, next: end < 0 ? null : (versions[versions.length - 1]?.version ?? null) };
}
