import { cutMembers, isContainer, membersOf, wholeValue, type CutPath, type Span } from './json-slices';

/** A copy of a value in a tool's answer, without the members at `cuts`: its bytes don't keep the answer in memory. */
export function documentAt(body: Buffer, { start, end }: Span, cuts: readonly CutPath[] = []): Buffer {
  const slice = body.subarray(start, end);
  const document = cutMembers(slice, cuts);
  return document === slice ? Buffer.from(slice) : document;
}

/** The paths of the members of an object that are not in `kept`, for tools whose counters are not all known. */
export function membersBut(kept: ReadonlySet<string>, body: Buffer, object: Span): CutPath[] {
  return [...membersOf(body, object.start)]
    .map(({ key }) => key)
    .filter((key) => !kept.has(key))
    .map((key) => [key]);
}

/** Whether the whole text is a JSON object or array. */
export function isGraphDocument(bytes: Buffer): boolean {
  return isContainer(bytes, wholeValue(bytes).start);
}

/** `Date.parse` alone makes a time of many texts, also of the number of a version. */
const DATED = /^\d{4}-\d{2}-\d{2}/;

/** A time of a tool as ms since the epoch; null for anything else. */
export function timeOf(text: string | undefined): number | null {
  const ms = text !== undefined && DATED.test(text) ? Date.parse(text) : NaN;
  return Number.isFinite(ms) && ms >= 0 ? ms : null;
}
