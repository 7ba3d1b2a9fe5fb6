import { createHash, timingSafeEqual } from 'node:crypto';

/** Marks hook tokens, so that scanners of leaked secrets can find them. */
const PREFIX = 'gosh_';
const KEY_BYTES = 6;
const SECRET_BYTES = 32;

/** The text of a hook token: which user's, and its secret (32 random bytes). */
export function hookTokenText(userKey: number, secret: Buffer): string {
  const key = Buffer.alloc(KEY_BYTES);
  key.writeUIntBE(userKey, 0, KEY_BYTES);
  return PREFIX + Buffer.concat([key, secret]).toString('base64url');
}

/** Reads a hook token; undefined for a text that cannot be one. */
export function parseHookToken(text: string): { userKey: number; secret: Buffer } | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  const bytes = Buffer.from(text.slice(PREFIX.length), 'base64url');
  if (bytes.length !== KEY_BYTES + SECRET_BYTES) return undefined;
  return { userKey: bytes.readUIntBE(0, KEY_BYTES), secret: bytes.subarray(KEY_BYTES) };
}

/** The hash that is stored. A random secret of 256 bits needs no slow one. */
export function hookSecretHash(secret: Buffer): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Whether a secret is the one that was hashed. */
export function isHookSecret(secret: Buffer, hash: Buffer): boolean {
  return hash.length === SECRET_BYTES && timingSafeEqual(hookSecretHash(secret), hash);
}
