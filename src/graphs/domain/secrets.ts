import { ownMember } from '../../platform/hardening/own-member';
import { isSecretName, MASK } from './secret-names';
import { maskText } from './secret-texts';

/** A parsed JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Members by which a list of pairs names its values: `{name: "Authorization", value: "…"}`. */
const NAMING = ['name', 'key', 'header', 'field', 'keyType', 'keyValue', 'h', 'k'] as const;
const VALUES = new Set(['value', 'val', 'v', 'valueValue']);

/** Members that say of a value next to them what it is: Langflow's inputs, Dify's variables, Node-RED's `env`. */
const KINDS = ['_input_type', 'value_type', 'fieldType', 'type'] as const;
const SECRET_KIND = /secret|password|^cred$/i;

/** Whether a member is the value of a pair of name and value. */
export function isPairValue(name: string | undefined): boolean {
  return name !== undefined && VALUES.has(name);
}

/** Whether a pair of name and value holds a secret in its value. */
export function isSecretPair(value: Json | undefined): boolean {
  if (!isObject(value)) return false;
  const texts = (names: readonly string[], test: (text: string) => boolean): boolean =>
    names.some((name) => {
      const member = ownMember(value, name);
      return typeof member === 'string' && test(member);
    });
  return (
    value['password'] === true ||
    texts(NAMING, isSecretName) ||
    texts(KINDS, (kind) => SECRET_KIND.test(kind))
  );
}

/** The value with everything that looks like a secret replaced, also in texts. O(size). */
export function masked(value: Json): Json {
  if (typeof value === 'string') return maskText(value);
  if (Array.isArray(value))
    return value.map((item, index) => (follows(value, index) ? hidden(item) : masked(item)));
  if (!isObject(value)) return value;
  const pair = isSecretPair(value);
  const members = Object.entries(value).map(([name, member]): [string, Json] => [
    maskText(name),
    isSecretName(name) || (pair && VALUES.has(name)) ? hidden(member) : masked(member),
  ]);
  return Object.fromEntries(members);
}

/** Yes, no and nothing are no secrets: `password: true` only says that there is one. */
export function hidden(value: Json): Json {
  return typeof value === 'boolean' || value === null || value === '' ? value : MASK;
}

/** A text behind the name of a secret in a list of texts: `["Authorization", "…"]`. */
function follows(list: readonly Json[], index: number): boolean {
  const name = list[index - 1];
  return (
    typeof name === 'string' &&
    typeof list[index] === 'string' &&
    /^[\w-]{3,40}$/.test(name) &&
    isSecretName(name)
  );
}

/** Whether a value is an object: no array, not null. */
export function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
