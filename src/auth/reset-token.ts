import { randomBytes } from 'node:crypto';
import { uuidBytes } from '../platform/ids/uuid';
import { sha256 } from './api-token';

const ID_BYTES = 16;
const SECRET_BYTES = 32;

/** The token of a link as a client sends it. The user's id tells where to find it. */
export interface ShownResetToken {
  userId: Buffer;
  secret: Buffer;
}

/** Creates a token for a link: the text to show once, and the hash to store. */
export function makeResetToken(userId: string): { text: string; secretSha256: Buffer } {
  const secret = randomBytes(SECRET_BYTES);
  const text = Buffer.concat([uuidBytes(userId), secret]).toString('base64url');
  return { text, secretSha256: sha256(secret) };
}

/** Parses a token; undefined if it is not well-formed. */
export function parseResetToken(text: string): ShownResetToken | undefined {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== ID_BYTES + SECRET_BYTES) return undefined;
  return { userId: bytes.subarray(0, ID_BYTES), secret: bytes.subarray(ID_BYTES) };
}
