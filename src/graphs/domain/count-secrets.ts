import { isSecretName } from './secret-names';
import { maskText } from './secret-texts';
import { isObject, isPairValue, isSecretPair, type Json } from './secrets';

/** Words behind `basic` or `bearer`, as people write them. */
const WORDS = /\b(?:[Bb]asic|[Bb]earer)\s+[A-Z]?[a-z-]+[.,;:!?]*(?=\s|$)/g;

/** Documents in texts in documents, at most. */
const TEXTS_DEPTH = 2;

/** Refers to a secret that is elsewhere: expressions of n8n and Langflow, variables of environments, ids, names of types. */
const REFERENCE =
  /^=|\{\{|\$\{|\$\(|^\$\w|^%\w+%$|^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$|^(?:true|false|null|none|str|string|password|bearer|basic)$/i;

/**
 * How many secrets a document contains as they are: texts that would be masked, without what only refers to one, such as
 * an expression, a variable, or the id of a credential that the tool keeps elsewhere. Documents inside of texts are
 * looked through as well. O(size).
 */
export function countSecrets(value: Json): number {
  return count(value, false, TEXTS_DEPTH);
}

/** `countSecrets` of a document's bytes. Throws a SyntaxError for what is no JSON. */
export function secretsIn(bytes: Uint8Array): number {
  return countSecrets(JSON.parse(new TextDecoder().decode(bytes)) as Json);
}

function count(value: Json, isNamed: boolean, depth: number): number {
  if (typeof value === 'string') return countText(value, isNamed, depth);
  if (Array.isArray(value)) return sum(value.map((element) => count(element, isNamed, depth)));
  if (!isObject(value)) return 0;
  // Langflow: the value is the name of a variable, or a field that its template calls a password.
  if (value['load_from_db'] === true) return 0;
  const pair = isNamed || isSecretPair(value);
  return sum(
    Object.entries(value).map(([name, member]) => {
      const isSecret = isSecretName(name) && (typeof member === 'string' || !/credential/i.test(name));
      return count(member, isSecret || (pair && isPairValue(name)), depth);
    }),
  );
}

function countText(text: string, isNamed: boolean, depth: number): number {
  if (depth > 0 && /^\s*[[{]/.test(text)) {
    const inner = parsed(text);
    if (inner !== undefined) return count(inner, isNamed, depth - 1);
  }
  return (isNamed && text.trim() !== '' && !REFERENCE.test(text)) || isSecretText(text) ? 1 : 0;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** A text that is a secret by its form. Words behind `basic` or `bearer` are none. */
function isSecretText(text: string): boolean {
  const plain = text.replace(WORDS, '');
  return maskText(plain, plain.length) !== plain;
}
