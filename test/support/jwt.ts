import { createHmac } from 'node:crypto';
import type { ApiClient } from './client';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The three parts of a signed-in user's token. */
export function tokenParts({ token = '' }: ApiClient): [string, string, string] {
  return token.split('.') as [string, string, string];
}

/** What a signed-in user's token says. */
export function claimsOf(user: ApiClient): Record<string, unknown> {
  return decode(tokenParts(user)[1]);
}

/** The header of a signed-in user's token. */
export function headerOf(user: ApiClient): Record<string, unknown> {
  return decode(tokenParts(user)[0]);
}

/** A part of a token. */
export function tokenPart(value: object): string {
  return encode(value);
}

/** A token with any header and claims, signed with HMAC-SHA-256. */
export function signToken(key: string, header: object, claims: object): string {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;
}
