import { toIso } from '../../../platform/clock/instant';

/** What a weekly summary says. Times in ms since the epoch; null: never. */
export interface SummaryFacts {
  /** Graphs of the account now. */
  graphs: number;
  /** Versions that were made in the week, and of how many graphs. */
  versions: number;
  changedGraphs: number;
  /** Versions that are not in the backup store yet. */
  pendingVersions: number;
  lastStored: number | null;
  lastVerified: number | null;
  /** The most changed graphs that still exist, the most changed first. */
  top: ReadonlyArray<{ title: string; versions: number }>;
}

const WEEK_MS = 7 * 86_400_000;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** `1 graph`, `42 graphs` */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

/** Such as `42 graphs, 310 versions this week`. */
export function headline({ graphs, versions }: SummaryFacts): string {
  return `${counted(graphs, 'graph')}, ${versions === 0 ? 'no new version' : counted(versions, 'version')} this week`;
}

/** Such as `all stored and verified on Friday`: only what is true at `now`. */
export function safety(facts: SummaryFacts, now: number): string {
  const { pendingVersions, lastStored } = facts;
  const verified = verifiedOn(facts.lastVerified, now);
  if (lastStored === null) return 'nothing copied to the backup store yet';
  if (pendingVersions === 0) return `all stored and ${verified}`;
  return `${counted(pendingVersions, 'version')} not in the backup store yet, the others ${verified}`;
}

function verifiedOn(at: number | null, now: number): string {
  if (at === null) return 'not verified yet';
  const isRecent = at <= now && now - at < WEEK_MS;
  return isRecent
    ? `verified on ${DAYS[new Date(at).getUTCDay()]}`
    : `last verified on ${toIso(at).slice(0, 10)}`;
}

/** One line for each of the most changed graphs. */
export function changes({ top, changedGraphs }: SummaryFacts): string[] {
  const lines = top.map(({ title, versions }) => `${title} changed ${times(versions)}`);
  const others = changedGraphs - top.length;
  return others > 0 && top.length > 0 ? [...lines, `and ${counted(others, 'other graph')}`] : lines;
}

function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count.toLocaleString('en-US')} times`;
}
