import { pooledRandomBytes } from './random-bytes';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * A UUID version 7 (RFC 9562, section 5.7): 48 bits of `nowMs` (milliseconds since the epoch), 74 random bits. Own
 * code because the maintained package is ESM only and reads the time itself.
 */
export function uuidv7(nowMs: number): string {
  const bytes = pooledRandomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return uuidText(bytes);
}

/** Whether `text` has the form of a UUID of any version. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The 16 bytes of a UUID; the text must satisfy `isUuid`. */
export function uuidBytes(text: string): Buffer {
  const hex = text.slice(0, 8) + text.slice(9, 13) + text.slice(14, 18) + text.slice(19, 23) + text.slice(24);
  return Buffer.from(hex, 'hex');
}

/** The lower-case text of a UUID's 16 bytes. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The time in a UUIDv7, ms since the epoch. */
export function uuidTime(text: string): number {
  return uuidBytes(text).readUIntBE(0, 6);
}
