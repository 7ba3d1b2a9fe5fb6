import { createHash } from 'node:crypto';
import type { UserKeyRow } from '../platform/crypto/user-key.entity';
import { lineageFolder } from './domain/segment-name';

/** Number of objects that hold the wrapped keys, by the last byte of the owner's id. */
export const BUCKETS = 32;

/** An object with wrapped keys is damaged. */
export class KeyObjectError extends Error {
  constructor(name: string) {
    super(`The object ${name} with wrapped keys was changed.`);
    this.name = 'KeyObjectError';
  }
}

/** The object that has an owner's key. */
export function bucketOf(userId: Buffer): number {
  return (userId.at(-1) ?? 0) % BUCKETS;
}

/** The prefix of all objects with wrapped keys of a lineage. */
export function keysFolder(lineage: string): string {
  return `${lineageFolder(lineage)}keys/`;
}

export function keyObjectName(lineage: string, bucket: number): string {
  return `${keysFolder(lineage)}${bucket.toString(16).padStart(2, '0')}.keys`;
}

/** Wrapped keys as an object: one line of JSON, then its SHA-256 in hexadecimal. */
export function encodeKeys(rows: readonly UserKeyRow[]): Buffer {
  const keys = rows.map(({ user_key, user_id, master_id, wrapped, created_at, destroyed_at }) => ({
    user_key,
    user_id: user_id.toString('hex'),
    master_id: master_id.toString('hex'),
    created_at,
    destroyed_at,
    wrapped: wrapped.toString('base64'),
  }));
  const line = JSON.stringify({ format: 1, keys });
  return Buffer.from(`${line}\n${createHash('sha256').update(line).digest('hex')}\n`);
}

/** Reads what `encodeKeys` wrote. Throws KeyObjectError. */
export function decodeKeys(name: string, bytes: Buffer): UserKeyRow[] {
  const [line = '', hash] = bytes.toString('utf8').split('\n');
  if (createHash('sha256').update(line).digest('hex') !== hash) throw new KeyObjectError(name);
  const { keys } = JSON.parse(line) as {
    keys: Array<
      Record<string, string> & { user_key: number; created_at: number; destroyed_at: number | null }
    >;
  };
  return keys.map(({ user_key, user_id, master_id, created_at, destroyed_at, wrapped }) => ({
    user_key,
    user_id: Buffer.from(user_id!, 'hex'),
    master_id: Buffer.from(master_id!, 'hex'),
    created_at,
    destroyed_at,
    wrapped: Buffer.from(wrapped!, 'base64'),
  }));
}
