import { uuidBytes } from '../../platform/ids/uuid';

/** The public ids of a graph and its owner (UUIDs). */
export interface GraphIds {
  userId: string;
  graphId: string;
}

/** Kind of encrypted bytes: a version's frame, or the copy of the current config on the graph's row. */
type SealedKind = 'frame' | 'head';
const KIND_BYTE: Readonly<Record<SealedKind, number>> = { frame: 1, head: 2 };
/** Means "no base": no version has this number. */
const NO_BASE = 0xffff_ffff;

/**
 * The associated data that binds encrypted bytes to their place: kind (1 byte), user id (16), graph id (16), version
 * and base version (32 bits each, big endian; 0xffffffff for none). A frame copied to another row, graph or user
 * cannot be decrypted there.
 */
export function associatedData(
  kind: SealedKind,
  { userId, graphId }: GraphIds,
  version: number,
  base: number | null,
): Buffer {
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32BE(version, 0);
  numbers.writeUInt32BE(base ?? NO_BASE, 4);
  return Buffer.concat([Buffer.of(KIND_BYTE[kind]), uuidBytes(userId), uuidBytes(graphId), numbers]);
}
