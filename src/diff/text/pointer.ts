import { ownMember } from '../../platform/hardening/own-member';
import { isObject, type Json } from '../json';

/** The member names of a JSON pointer (RFC 6901). */
export function segmentsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What is at the end of a path, and all on the way there from the outside in; undefined where there is nothing. */
export function valuesAlong(value: Json, segments: readonly string[]): (Json | undefined)[] {
  const values: (Json | undefined)[] = [value];
  for (const segment of segments) {
    const holder = values.at(-1);
    if (Array.isArray(holder)) values.push(/^\d{1,9}$/.test(segment) ? holder[Number(segment)] : undefined);
    else values.push(isObject(holder) ? ownMember(holder, segment) : undefined);
  }
  return values;
}
