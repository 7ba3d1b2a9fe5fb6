import { textOf, writeExact } from '../exact-json';
import type { Json } from '../json';
import type { PatchOperation } from '../patch/array-operations';
import { segmentsOf, valuesAlong } from './pointer';
import { isSecretName } from '../../graphs/domain/secret-names';
import { maskText } from '../../graphs/domain/secret-texts';
import { hidden, isPairValue, isSecretPair, masked } from '../../graphs/domain/secrets';

/** More changes of one thing are counted, not told. */
const MAX_CHANGES = 12;
/** A longer value is cut to this length, in UTF-16 units. */
const MAX_VALUE = 80;
/** Differences are looked for in this much of a text, in UTF-16 units. */
const LONG_TEXT = 50_000;
/** What is shown of a long value before the first difference. */
const CONTEXT = 20;
/** Members in which dialects wrap what a person knows as the node's own settings. */
const WRAPPERS = new Set(['parameters', 'data', 'inputs', 'spec', 'options']);

/**
 * Changes of one thing as a person reads them: "url `a` → `b`; timeout added (30)". `before` is the thing as it was.
 * Secrets are masked unless `reveal`.
 */
export function describeChanges(before: Json, changes: readonly PatchOperation[], reveal: boolean): string {
  const told = changes.slice(0, MAX_CHANGES).map((change) => describe(before, change, reveal));
  const more = changes.length - told.length;
  return [...told, ...(more > 0 ? [`${more} more changes`] : [])].join('; ');
}

function describe(before: Json, change: PatchOperation, reveal: boolean): string {
  const segments = segmentsOf(change.path);
  const along = valuesAlong(before, segments);
  const name = reveal ? nameOf(segments, along) : maskText(nameOf(segments, along));
  const isSecret = !reveal && isHidden(segments, along);
  const open = (value: Json): Json => (reveal ? value : isSecret ? hidden(value) : masked(value));
  switch (change.op) {
    case 'add':
      return `${name} added (${spelled(open(change.value))})`;
    case 'remove':
      return `${name} removed`;
    case 'move':
      return `${name} moved`;
    case 'replace': {
      const old = along.at(-1);
      if (old === undefined) return `${name} = ${code(spelled(open(change.value)))}`;
      const text = (value: Json): string =>
        typeof value === 'string' && !isSecret ? longText(value, reveal) : asText(open(value));
      const [from, to] = excerpts(text(old), text(change.value));
      return from === to ? `${name} changed` : `${name} ${code(from)} → ${code(to)}`;
    }
  }
}

/** The path without the wrapper in front; an item of a list by its name where it has one. */
function nameOf(segments: readonly string[], along: readonly (Json | undefined)[]): string {
  const first = segments.length > 1 && WRAPPERS.has(segments[0] ?? '') ? 1 : 0;
  const names = segments.map((segment, index) => {
    const item = along[index + 1];
    const isItem = Array.isArray(along[index]);
    const own =
      isItem && typeof item === 'object' && item !== null && !Array.isArray(item)
        ? textOf(item.name)
        : undefined;
    return own || segment;
  });
  return plain(names.slice(first).join('.')).slice(0, 120) || 'content';
}

function isHidden(segments: readonly string[], along: readonly (Json | undefined)[]): boolean {
  if (segments.some(isSecretName)) return true;
  return isPairValue(segments.at(-1)) && isSecretPair(along.at(-2));
}

/** A value on one line, cut. */
function spelled(value: Json): string {
  return cut(asText(value));
}

function asText(value: Json): string {
  return textOf(value) ?? writeExact(value);
}

/** A text in which something may have changed far from its beginning. */
function longText(value: string, reveal: boolean): string {
  const text = textOf(value) ?? '';
  return reveal ? text.slice(0, LONG_TEXT) : maskText(text, LONG_TEXT);
}

function cut(text: string): string {
  const line = plain(text.slice(0, 2 * MAX_VALUE));
  return line.length > MAX_VALUE || text.length > 2 * MAX_VALUE
    ? `${line.slice(0, MAX_VALUE).toWellFormed().trimEnd()}…`
    : line;
}

/** Two values, long ones from a little before where they begin to differ. */
function excerpts(from: string, to: string): [string, string] {
  let same = 0;
  while (same < from.length && same < to.length && from[same] === to[same]) same++;
  const start = same < MAX_VALUE - CONTEXT || same === Math.max(from.length, to.length) ? 0 : same - CONTEXT;
  const part = (text: string): string => (start === 0 ? cut(text) : `…${cut(text.slice(start))}`);
  return [part(from), part(to)];
}

function code(text: string): string {
  return `\`${text}\``;
}

/** One line without control characters, and without what would end the quotes or turn the direction of writing. */
export function plain(text: string): string {
  return text
    .slice(0, 1_000)
    .toWellFormed()
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu, '\ufffd')
    .replaceAll('`', '´')
    .trim();
}
