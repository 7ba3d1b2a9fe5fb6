import { isObject, type Json } from './json';

/** Shorter ids may be any word of a text; they are only renamed where they are the whole text. */
const IN_TEXT = 8;
/** A whole text must have this many characters, too: `1` and `a` mean anything. */
const WHOLE = 3;

/**
 * A content with the ids that it names as they are now: those that are a whole text, and long ones within texts, such
 * as `{{#1711067409646.text#}}`. O(size).
 */
export function renameIds(value: Json, remade: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') return renamedText(value, remade);
  if (Array.isArray(value)) return value.map((item) => renameIds(item, remade));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renameIds(item, remade)]));
}

/** A text with the ids in it as they are now. */
export function renamedText(text: string, remade: ReadonlyMap<string, string>): string {
  const whole = text.length >= WHOLE ? remade.get(text) : undefined;
  if (whole !== undefined) return whole;
  if (text.startsWith('subflow:')) return `subflow:${remade.get(text.slice(8)) ?? text.slice(8)}`;
  if (text.length <= IN_TEXT) return text;
  return text.replace(/[\w-]{8,}/g, (word) => remade.get(word) ?? word);
}
