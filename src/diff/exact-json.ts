import type { Json } from './json';

/**
 * Prefix of a number that a double cannot represent. UTF-8 text cannot contain a lone surrogate, so only a config
 * with the escape `\udc00#` can contain a string that looks like such a number. It is then shown as the number, which
 * affects only its author.
 */
const EXACT = '\udc00#';

/** Decimals of up to 15 digits survive the way through a double (IEEE 754, DBL_DIG). */
const SAFE_DIGITS = 15;

/** Exponents longer than this are compared as they are spelled; BigInt would take quadratic time. */
const EXPONENT_DIGITS = 15;

/** Plain integers are written without an exponent up to this many trailing zeros. */
const PLAIN_ZEROS = 40;

/**
 * Parses a config's bytes for comparing. What is lost: white space, escapes, the order of keys, all but the
 * last of duplicate keys, and the spelling of equal numbers (`1.0` and `1`, `-0` and `0`, `1E2` and `100`).
 * What is not: a number past a double's reach (`12345678901234567891`, `1e400`) is kept by its digits, as a
 * marked string, so two different numbers are never taken for equal; {@link writeExact} writes it back.
 * Throws SyntaxError when the bytes are not JSON. Deeper than a few thousand levels is the caller's to
 * refuse (MAX_JSON_DEPTH).
 */
export function readExact(bytes: Uint8Array): Json {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return parseExact(text);
}

/** The same for a text. */
export function parseExact(text: string): Json {
  return JSON.parse(markExactNumbers(text)) as Json;
}

/** JSON text of a value made from parts of {@link readExact}'s: exact numbers are numbers again. */
export function writeExact(value: unknown): string {
  return JSON.stringify(value).replace(/(?<=^|[[,:])"\\udc00#(-?[0-9]+(?:e[+-]?[0-9]+)?)"/g, '$1');
}

/** A string or number as text for people and for ids; undefined for anything else. */
export function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return undefined;
  return value.startsWith(EXACT) ? value.slice(EXACT.length) : value;
}

function markExactNumbers(text: string): string {
  let marked = '';
  let copied = 0;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (!isNumberPart(code)) at++;
    else {
      const end = endOfNumber(text, at);
      const exact = exactForm(text, at, end);
      if (exact !== undefined) {
        marked += `${text.slice(copied, at)}"${EXACT}${exact}"`;
        copied = end;
      }
      at = end;
    }
  }
  return marked + text.slice(copied);
}

function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
  return text.length;
}

/** Digits, `+`, `-`, `.`, `E` and `e`; the `e` in `true` and `false` makes a token that is no number. */
function isNumberPart(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2d ||
    code === 0x2b ||
    code === 0x2e ||
    (code | 0x20) === 0x65
  );
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && isNumberPart(text.charCodeAt(end))) end++;
  return end;
}

function exactForm(text: string, start: number, end: number): string | undefined {
  const token = text.slice(start, end);
  if (end - start <= SAFE_DIGITS && !/[eE]/.test(token)) return undefined;
  const value = Number(token);
  if (Number.isNaN(value) || String(value) === token) return undefined;
  const exact = canonical(token);
  return exact !== undefined && exact !== canonical(String(value)) ? exact : undefined;
}

/** One spelling for all spellings of a decimal number; undefined when the token is not one. */
function canonical(token: string): string | undefined {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token);
  if (parts === null) return undefined;
  const [, sign = '', whole = '', fraction = '', power = '0'] = parts;
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return '0';
  if (power.length > EXPONENT_DIGITS) return `${sign}${digits}e${power}`;
  const significant = digits.slice(0, lastNonZero(digits) + 1);
  const exponent = Number(power) - fraction.length + (digits.length - significant.length);
  if (exponent >= 0 && exponent <= PLAIN_ZEROS) return sign + significant + '0'.repeat(exponent);
  return `${sign}${significant}e${exponent}`;
}

function lastNonZero(digits: string): number {
  let at = digits.length - 1;
  while (at > 0 && digits.charCodeAt(at) === 0x30) at--;
  return at;
}
