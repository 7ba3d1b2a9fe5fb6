import { createCipheriv, createDecipheriv } from 'node:crypto';
import { pooledRandomBytes } from '../ids/random-bytes';

/** AES-256-GCM as NIST SP 800-38D recommends it: 96-bit nonce, 128-bit tag. Bytes. */
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
/** Bytes that encryption adds. */
export const SEAL_OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES;

/** The bytes were changed, cut, moved to another place, or encrypted with another key. */
export class UnsealError extends Error {
  constructor() {
    super('The bytes cannot be decrypted: they were changed, or belong to another key or place.');
    this.name = 'UnsealError';
  }
}

/**
 * Encrypts `plain` with AES-256-GCM: nonce (12 bytes, random), tag (16 bytes), ciphertext. `associated` is not
 * stored, but must be equal for decryption: it binds the bytes to their place. Random 96-bit nonces are safe for
 * 2^32 messages per key (SP 800-38D, 8.3); a key here belongs to one user.
 */
export function seal(key: Buffer, plain: Uint8Array, associated: Uint8Array): Buffer {
  const nonce = pooledRandomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(associated);
  const body = cipher.update(plain);
  const rest = cipher.final();
  return Buffer.concat([nonce, cipher.getAuthTag(), body, rest]);
}

/** Decrypts bytes of `seal`. Throws UnsealError if anything differs; never returns wrong bytes. */
export function open(key: Buffer, sealed: Buffer, associated: Uint8Array): Buffer {
  if (sealed.length < SEAL_OVERHEAD_BYTES) throw new UnsealError();
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, SEAL_OVERHEAD_BYTES));
  const body = decipher.update(sealed.subarray(SEAL_OVERHEAD_BYTES));
  try {
    decipher.final();
  } catch {
    throw new UnsealError();
  }
  return body;
}
