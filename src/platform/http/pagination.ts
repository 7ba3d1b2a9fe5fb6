import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { invalid } from '../errors/app-error';

/** The part of a list that is asked for. */
export class PageQuery {
  @ApiPropertyOptional({ description: 'How many at most.', minimum: 1, maximum: 500, default: 100 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(500)
  limit: number = 100;

  @ApiPropertyOptional({
    description: 'How many to pass over; for short lists. Deep lists go by `after`.',
    minimum: 0,
    default: 0,
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  skip: number = 0;

  @ApiPropertyOptional({
    description: 'The opaque cursor out of the `Link` header: the list goes on after it.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(1_000)
  after?: string;
}

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

/** Reads a cursor of `length` values of the given kinds; a cursor that was not made here is bad input. */
export function decodeCursor(
  text: string,
  kinds: ReadonlyArray<'string' | 'number'>,
): Array<string | number> {
  try {
    const values: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (
      Array.isArray(values) &&
      values.length === kinds.length &&
      kinds.every((kind, i) => typeof values[i] === kind)
    ) {
      return values as Array<string | number>;
    }
  } catch {
    // Falls through: not JSON is just another cursor that was not made here.
  }
  throw invalid([{ field: 'after', message: 'is not a cursor of this list; take it from the Link header' }]);
}

/** `X-Total-Count`, and `Link` to the next part when there is one. `url` is the request's own. */
export function pageHeaders(page: Page<unknown>, url: string): Record<string, string> {
  const headers: Record<string, string> = { 'x-total-count': String(page.total) };
  if (page.next !== null) {
    const [path = '', query = ''] = url.split('?');
    const params = new URLSearchParams(query);
    params.delete('skip');
    params.set('after', page.next);
    headers['link'] = `<${path}?${params.toString()}>; rel="next"`;
  }
  return headers;
}
