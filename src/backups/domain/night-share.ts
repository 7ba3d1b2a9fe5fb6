/** A generation of copies, as the choice of a night sees it. */
export interface ReadGeneration {
  number: number;
  bytes: number;
  /** When it was last read back, ms since the epoch; null for never. */
  readAt: number | null;
}

const DAY_MS = 86_400_000;
/** The job may start a little earlier than the night before. */
const EARLY_MS = DAY_MS / 2;

/**
 * The numbers of the generations to read back tonight, so that each is read within `days`. Those that would be too late
 * tomorrow are read in any case. So that not all of them are due in the same night, others are read early: the longest
 * unread first, after half of the time, up to the share of one night. In the long run that is at most twice the vault
 * within `days`, and the vault once if it has few generations. A `days` that is no whole number above 1 reads everything.
 */
export function nightShare(generations: readonly ReadGeneration[], days: number, now: number): number[] {
  if (!Number.isSafeInteger(days) || days <= 1) return generations.map(({ number }) => number);
  const age = ({ readAt }: ReadGeneration): number =>
    readAt === null || !(readAt <= now) ? Infinity : now - readAt;
  const oldestFirst = [...generations].sort((a, b) => age(b) - age(a) || a.number - b.number);
  const due = oldestFirst.filter((each) => age(each) > days * DAY_MS - EARLY_MS);
  let left = bytesOf(generations) / days - bytesOf(due);
  const early = oldestFirst.filter((each) => {
    const fits = !due.includes(each) && age(each) >= (days * DAY_MS) / 2 && each.bytes <= left;
    if (fits) left -= each.bytes;
    return fits;
  });
  return [...due, ...early].map(({ number }) => number);
}

function bytesOf(generations: readonly ReadGeneration[]): number {
  return generations.reduce((sum, { bytes }) => sum + bytes, 0);
}
