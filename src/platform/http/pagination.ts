import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { invalid } from '../errors/app-error';
import { IsQueryInteger } from './query.decorators';
import { IsOptionalNotNull } from './text.decorators';

/** The part of a list that is asked for. */
export class PageQuery {
  @ApiPropertyOptional({ description: 'How many at most.', minimum: 1, maximum: 500, default: 100 })
  @IsQueryInteger(1, 500)
  limit: number = 100;

  @ApiPropertyOptional({
    description: 'How many to pass over; for short lists. Deep lists go by `after`.',
    minimum: 0,
    default: 0,
  })
  @IsQueryInteger(0, 1_000_000)
  skip: number = 0;

  @ApiPropertyOptional({
    description: 'The opaque cursor out of the `Link` header: the list goes on after it.',
  })
  @IsOptionalNotNull()
  @IsString()
  @MaxLength(1_000)
  after?: string;
}

/** The headers of a list, for the OpenAPI document. */
export const PAGE_HEADERS = {
  'X-Total-Count': { description: 'How many there are in all.', schema: { type: 'integer' as const } },
  Link: { description: '`<…>; rel="next"`, while there is more.', schema: { type: 'string' as const } },
};

/** One part of a list, and where the next begins. */
export interface Page<T> {
  items: T[];
  /** How many there are in all. */
  total: number;
  /** The cursor after the last item; null at the end. */
  next: string | null;
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

/** `X-Total-Count`, and `Link` to the next part when there is one. `url` is the request's own. */
export function pageHeaders(page: Page<unknown>, url: string): Record<string, string> {
  return { 'x-total-count': String(page.total), ...nextHeader(page.next, url) };
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
