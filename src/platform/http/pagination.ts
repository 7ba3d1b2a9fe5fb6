import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { invalid } from '../errors/app-error';
import { Answer } from './answer';
import { IsQueryInteger } from './query.decorators';
import { IsOptionalNotNull } from './text.decorators';

/** A cursor of the longest folded title, 2,400 bytes, and a key has 3,300 characters. */
const CURSOR_MAX = 4_000;

/** The part of a list that is asked for. */
export class PageQuery {
  @ApiPropertyOptional({ description: 'How many at most.', minimum: 1, maximum: 500, default: 100 })
  @IsQueryInteger(1, 500)
  limit: number = 100;

  @ApiPropertyOptional({
    description:
      'How many to skip. Use it for short lists; for deep lists, `after` costs the same on every page.',
    minimum: 0,
    default: 0,
  })
  @IsQueryInteger(0, 1_000_000)
  skip: number = 0;

  @ApiPropertyOptional({
    description: 'Continue after this item: the opaque cursor from the `Link` header.',
  })
  @IsOptionalNotNull()
  @IsString()
  @MaxLength(CURSOR_MAX)
  after?: string;
}

/** The headers of a list, for the OpenAPI document. */
export const PAGE_HEADERS = {
  'X-Total-Count': {
    description: 'Number of items in the whole list. Not sent for lists of more than 10,000 items.',
    schema: { type: 'integer' as const },
  },
  Link: {
    description: '`<…>; rel="next"`: the next page. Not sent with the last page.',
    schema: { type: 'string' as const },
  },
};

/** One part of a list, and where the next begins. */
export interface Page<T> {
  items: T[];
  /** Number of items in the whole list; null if that is more than `COUNTED_MAX` and would have to be counted. */
  total: number | null;
  /** The cursor after the last item; null at the end. */
  next: string | null;
}

/** Longer lists are not counted: the cost of a page must not depend on how many items there are. */
export const COUNTED_MAX = 10_000;

/**
 * The total of a list, counted only if the page doesn't show it. `read` is the number of rows that were read for a
 * page of `limit`, one more than that at most; `count` counts up to one more than `COUNTED_MAX`.
 */
export async function totalOf(
  { limit, skip, after }: { limit: number; skip: number; after: unknown },
  read: number,
  count: (upTo: number) => Promise<number>,
): Promise<number | null> {
  const isLastPage = read <= limit && (read > 0 || skip === 0);
  if (after === null && isLastPage) return skip + read;
  const total = await count(COUNTED_MAX + 1);
  return total > COUNTED_MAX ? null : total;
}

/** An opaque cursor: the sort values of the last item. */
export function encodeCursor(values: ReadonlyArray<string | number>): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** No version has a higher number. */
export const VERSION_MAX = 2_147_483_647;

/** `version`: a number that a version can have. */
export type CursorKind = 'string' | 'number' | 'version';

/** Reads a cursor of values of the given kinds; a cursor that was not made here is bad input. */
export function decodeCursor(text: string, kinds: readonly CursorKind[]): Array<string | number> {
  try {
    const values: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (
      Array.isArray(values) &&
      values.length === kinds.length &&
      kinds.every((kind, i) => isCursorValue(kind, values[i]))
    ) {
      return values as Array<string | number>;
    }
  } catch {
    // Falls through: not JSON is just another cursor that was not made here.
  }
  throw invalid([{ field: 'after', message: 'is not a cursor of this list; take it from the Link header' }]);
}

// Only what a list of ours could have written: the databases refuse other numbers and NUL in their own ways.
function isCursorValue(kind: CursorKind, value: unknown): boolean {
  if (kind === 'string') return typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
  const max = kind === 'version' ? VERSION_MAX : Number.MAX_SAFE_INTEGER;
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max;
}

/** `X-Total-Count` if the total is known, and `Link` if there is a next part. `url` is the request's own. */
export function pageHeaders(page: Page<unknown>, url: string): Record<string, string> {
  const next = nextHeader(page.next, url);
  return page.total === null ? next : { 'x-total-count': String(page.total), ...next };
}

/** The answer of a list: each item as `view` shows it. `url` is the request's own. */
export function listAnswer<T, View>(page: Page<T>, url: string, view: (item: T) => View): Answer<View[]> {
  return new Answer(
    page.items.map((item) => view(item)),
    pageHeaders(page, url),
  );
}

/** `Link` to the part after a cursor; nothing at the end. `url` is the request's own. */
export function nextHeader(next: string | null, url: string): Record<string, string> {
  if (next === null) return {};
  const [path = '', query = ''] = url.split('?');
  const params = new URLSearchParams(query);
  params.delete('skip');
  params.set('after', next);
  return { link: `<${path}?${params.toString()}>; rel="next"` };
}
