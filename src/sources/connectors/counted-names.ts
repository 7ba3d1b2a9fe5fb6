import { printableReason } from './tool-client';

/** Names that a sentence shows at most. */
const SHOWN = 10;

/** A number with its noun, such as `2 nodes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A number with its noun and the names, the first ones of many: `2 nodes: Mail, Store`. */
export function countedNames(names: readonly string[], noun: string): string {
  return `${counted(names.length, noun)}: ${shownNames(names)}`;
}

/** Names of a tool as part of a sentence. */
export function shownNames(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).map(printableReason).join(', ');
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}
