import { textOf, writeExact } from '../exact-json';
import type { Json } from '../json';
import type { PatchOperation } from '../patch/array-operations';
import { segmentsOf, valuesAlong } from './pointer';
import { isSecretName, isSecretPair, MASK, masked } from './secrets';

/** More changes of one thing are counted, not told. */
const MAX_CHANGES = 12;
/** A longer value is cut to this length, in UTF-16 units. */
const MAX_VALUE = 80;
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
  const name = nameOf(segments, along);
  const hidden = !reveal && isHidden(segments, along);
  const shown = (value: Json): string => (hidden ? MASK : spelled(reveal ? value : masked(value)));
  switch (change.op) {
    case 'add':
      return `${name} added (${shown(change.value)})`;
    case 'remove':
      return `${name} removed`;
    case 'move':
      return `${name} moved`;
    case 'replace': {
      const old = along.at(-1);
      if (old === undefined) return `${name} = ${code(shown(change.value))}`;
      const [from, to] = [shown(old), shown(change.value)];
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
  const last = segments.at(-1);
  return (last === 'value' || last === 'val') && isSecretPair(along.at(-2));
}

/** A value on one line. */
function spelled(value: Json): string {
  const text = textOf(value) ?? writeExact(value);
  const line = plain(text);
  return line.length > MAX_VALUE ? `${line.slice(0, MAX_VALUE).toWellFormed().trimEnd()}…` : line;
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
