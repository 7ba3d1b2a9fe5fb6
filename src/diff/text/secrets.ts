import { isObject, type Json } from '../json';

/** Names of members that hold what others must not read. */
const SECRET_NAME =
  /pass(?:word|wd|phrase|code)?$|^pass|secret|token|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key|^auth$|authorization|credential|cookie|bearer|signature|connection[-_ ]?string|^dsn$|webhook[-_ ]?url/i;

/** Names that look like it and are none: counts and limits of a language model's tokens. */
const NO_SECRET =
  /max[-_ ]?(?:new[-_ ]?)?tokens?|tokens?[-_ ]?(?:count|limit|usage)|num[-_ ]?tokens|tokenizer|token[-_ ]?type/i;

/** Values that are secrets whatever they are called: schemes of HTTP, keys of known forms, addresses with a password. */
const SECRET_VALUE =
  /\b(?:bearer|basic)\s+[\w+/=.~-]{8,}|\bsk-[\w-]{8,}|\bgh[opsu]_\w{20,}|\bglsa_\w{10,}|\bxox[abprs]-[\w-]{8,}|\bAKIA[A-Z0-9]{12,}|-----BEGIN [A-Z ]*PRIVATE KEY|\beyJ[\w-]{10,}\.[\w-]{10,}|:\/\/[^\s/:@]+:[^\s/@]+@/i;

/** Members by which a list of pairs names its values: `{name: "Authorization", value: "…"}`. */
const NAMING = ['name', 'key', 'header'] as const;
const VALUES = new Set(['value', 'val']);

/** What is shown instead of a secret. */
export const MASK = '••••••';

/** Whether a member of this name holds a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !NO_SECRET.test(name);
}

/** Whether a pair of name and value holds a secret in its value. */
export function isSecretPair(value: Json | undefined): boolean {
  return (
    isObject(value) && NAMING.some((name) => typeof value[name] === 'string' && isSecretName(value[name]))
  );
}

/** The value with everything that looks like a secret replaced. O(size). */
export function masked(value: Json): Json {
  if (typeof value === 'string') return SECRET_VALUE.test(value) ? MASK : value;
  if (Array.isArray(value)) return value.map(masked);
  if (!isObject(value)) return value;
  const pair = isSecretPair(value);
  const members = Object.entries(value).map(([name, member]): [string, Json] => [
    name,
    isSecretName(name) || (pair && VALUES.has(name)) ? MASK : masked(member),
  ]);
  return Object.fromEntries(members);
}
