import { open, seal, UnsealError } from '../../platform/crypto/sealed-box';
import type { StoredVersion } from './codec';
import { CorruptVersionError } from './corrupt-version.error';
import { associatedData, type GraphIds } from './place';
import type { FrameRow } from './version.entity';

/** Encrypts a version's frame for its place: user, graph, version and base. */
export function sealFrame(
  key: Buffer,
  ids: GraphIds,
  version: number,
  base: number | null,
  frame: Buffer,
): Buffer {
  return seal(key, frame, associatedData('frame', ids, version, base));
}

/** Encrypts the copy of the current config on the graph's row. */
export function sealHead(key: Buffer, ids: GraphIds, version: number, head: Buffer): Buffer {
  return seal(key, head, associatedData('head', ids, version, null));
}

/** Decrypts a row of the chain of `wanted`. @throws CorruptVersionError */
export function openFrame(
  key: Buffer,
  ids: GraphIds,
  row: FrameRow,
  wanted: number = row.version,
): StoredVersion {
  const { version, base_version: base, config_bytes: bytes, config_sha256: sha256 } = row;
  const associated = associatedData('frame', ids, version, base);
  return { version, base, bytes, sha256, frame: opened(key, row.frame, associated, wanted, version) };
}

/** Decrypts the copy of the current config. @throws CorruptVersionError */
export function openHead(key: Buffer, ids: GraphIds, version: number, sealed: Buffer): Buffer {
  return opened(key, sealed, associatedData('head', ids, version, null), version, version);
}

function opened(key: Buffer, sealed: Buffer, associated: Buffer, wanted: number, at: number): Buffer {
  try {
    return open(key, sealed, associated);
  } catch (error) {
    if (error instanceof UnsealError) throw new CorruptVersionError(wanted, at, 'broken-frame');
    throw error;
  }
}
