import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { uuidBytes, uuidv7 } from '../platform/ids/uuid';

/** Marks our API tokens, so that scanners of leaked secrets can find them. */
export const API_TOKEN_PREFIX = 'gob_';

const ID_BYTES = 16;
const SECRET_BYTES = 32;

/** An API token as a client sends it: user, token and secret. */
export interface ShownToken {
  userId: Buffer;
  id: Buffer;
  secret: Buffer;
}

/** Creates a token: the text to show once, and the hash to store. The user's id in it tells where to find it. */
export function makeApiToken(
  userId: string,
  now: number,
): { text: string; id: Buffer; secretSha256: Buffer } {
  const id = uuidBytes(uuidv7(now));
  const secret = randomBytes(SECRET_BYTES);
  const text = API_TOKEN_PREFIX + Buffer.concat([uuidBytes(userId), id, secret]).toString('base64url');
  return { text, id, secretSha256: sha256(secret) };
}

/** Parses a token; undefined if it is not well-formed. */
export function parseApiToken(text: string): ShownToken | undefined {
  if (!text.startsWith(API_TOKEN_PREFIX)) return undefined;
  const bytes = Buffer.from(text.slice(API_TOKEN_PREFIX.length), 'base64url');
  if (bytes.length !== 2 * ID_BYTES + SECRET_BYTES) return undefined;
  return {
    userId: bytes.subarray(0, ID_BYTES),
    id: bytes.subarray(ID_BYTES, 2 * ID_BYTES),
    secret: bytes.subarray(2 * ID_BYTES),
  };
}

/** Whether a secret is the one that was hashed. A random secret of 256 bits needs no slow hash. */
export function isSecret(secret: Buffer, hash: Buffer): boolean {
  return hash.length === 32 && timingSafeEqual(sha256(secret), hash);
}

/** For random secrets only. */
export function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
