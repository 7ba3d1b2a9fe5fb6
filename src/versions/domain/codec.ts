import { createHash } from 'node:crypto';
import {
  type Effort,
  compress,
  contentBytes,
  decompress,
  fitsAsDictionary,
} from '../../platform/compression/zstd';
import { CorruptVersionError } from './corrupt-version.error';
import type { Link } from './chain-tree';

/** A version's frame before encryption. `patched`: decoding needs the bytes of its base. */
export interface EncodedFrame {
  readonly frame: Buffer;
  readonly patched: boolean;
}

/** A row of the version store after decryption: `bytes` and `sha256` are those of the document. */
export interface StoredVersion extends Link {
  readonly bytes: number;
  readonly sha256: Uint8Array;
  readonly frame: Uint8Array;
}

/** The result of reading one version: its bytes, or the reason why it cannot be read. */
export type DecodedVersion =
  | { readonly version: number; readonly bytes: Buffer; readonly error: null }
  | { readonly version: number; readonly bytes: null; readonly error: CorruptVersionError };

/**
 * A patch larger than this fraction of its document is no longer worth a chain (the version store's measurements).
 */
const WORST_PATCH = 1 / 2;
/** A patch over both limits is compared with a full frame: one in five. */
const LARGE_PATCH_BYTES = 256;
const LARGE_PATCH = 1 / 256;
/** Below this size, the time of a stronger parser is not worth the few bytes it saves. */
const STRONG_FROM_BYTES = 12 * 1024;

/** SHA-256 of a document, 32 bytes. */
export function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/**
 * Encodes a document as a patch on `base`, or as a full frame if there is no base or the patch is larger than half
 * the document or than `worth` (0 to 1, of `Placement`) of the full frame. The empty document has a frame too. Full
 * frames and large patches are encoded a second time with a stronger parser.
 */
export function encode(bytes: Uint8Array, base: Uint8Array | null, worth = 1): EncodedFrame {
  const quick = encodeQuickly(bytes, base, worth);
  if (!isWorthMore(quick, bytes)) return quick;
  const stronger = encodeAgain(bytes, quick.patched ? base : null, quick.frame.byteLength, 'strong');
  return stronger ? { ...quick, frame: stronger } : quick;
}

/** The first half of `encode`: under 0.1 ms for a patch of 10 KB. */
export function encodeQuickly(bytes: Uint8Array, base: Uint8Array | null, worth = 1): EncodedFrame {
  const patch = patchOn(bytes, base, 'ingest');
  if (patch && !isLarge(patch, bytes)) return patch;
  const full = { frame: compress(bytes, { effort: 'ingest' }), patched: false };
  const limit = Math.min(bytes.byteLength * WORST_PATCH, full.frame.byteLength * worth);
  return patch && patch.frame.byteLength < limit ? patch : full;
}

/** Whether the second half of `encode` is worth its time: for full frames and large patches, except the smallest. */
export function isWorthMore(quick: EncodedFrame, bytes: Uint8Array): boolean {
  return bytes.byteLength >= STRONG_FROM_BYTES && (!quick.patched || isLarge(quick, bytes));
}

/**
 * Encodes a document again on its base (null: as a full frame): `strong` is the second half of `encode`, `tight` is
 * repacking. Returns null if the new frame would not be smaller than `currentBytes`, the size of the current one.
 */
export function encodeAgain(
  bytes: Uint8Array,
  base: Uint8Array | null,
  currentBytes: number,
  effort: 'strong' | 'tight',
): Buffer | null {
  const frame = compress(bytes, { effort, ...(base && { dictionary: base }) });
  return frame.byteLength < currentBytes ? frame : null;
}

/** A frame, and the index of its base among the given bases. */
export interface RebasedFrame {
  readonly base: number;
  readonly frame: Buffer;
}

/**
 * Repacks a stored version on the best of several bases (null: as a full frame); the first is its current one. Bases
 * are compared by quick patches; the best one gets the tight patch. Returns null if the frame would not be smaller
 * than `currentBytes`, the size of the current one.
 */
export function rebase(
  bytes: Uint8Array,
  bases: readonly (Uint8Array | null)[],
  currentBytes: number,
): RebasedFrame | null {
  const sizes = bases.map((base, at) =>
    at > 0 && (!base || !fitsAsDictionary(base)) ? Infinity : quickSize(bytes, base),
  );
  const base = sizes.indexOf(Math.min(...sizes));
  const frame = encodeAgain(bytes, bases[base] ?? null, currentBytes, 'tight');
  return frame && { base, frame };
}

/** The copy of the current config on the graph's row: fast to write and read, needs no chain. */
export function encodeHead(bytes: Uint8Array): Buffer {
  return compress(bytes, { effort: 'head' });
}

/** Reads a frame of `encodeHead`. @throws CorruptVersionError naming `head.version` */
export function decodeHead(head: Omit<StoredVersion, 'base'>): Buffer {
  const row = { ...head, base: null };
  return verified(row, decodeFrame(row, null, row.version));
}

/**
 * Decodes `version` from the rows of its chain, in any order, from its full frame up to itself; other rows are
 * ignored. Always checks the document's SHA-256.
 *
 * @throws CorruptVersionError when a row is missing or damaged; never returns wrong bytes
 */
export function decodeChain(rows: readonly StoredVersion[], version: number): Buffer {
  const chain = chainOf(rows, version);
  const wanted = chain[chain.length - 1] as StoredVersion;
  const bytes = decodeUpward(chain, version);
  if (!sha256(bytes).equals(wanted.sha256)) throw firstMismatch(chain, version);
  return bytes;
}

/**
 * Decodes all versions of a graph, each row once, and checks every hash. A damaged version does not prevent reading
 * versions that don't depend on it. A few documents are in memory at a time. Order: each chain upward.
 */
export function* decodeEvery(rows: readonly StoredVersion[]): Generator<DecodedVersion> {
  const children = childrenOf(rows);
  const waiting = (children.get(null) ?? []).map((row) => ({ row, on: null as DecodedVersion | null }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const decoded = decodeOn(next.row, next.on);
    yield decoded;
    for (const row of children.get(next.row.version) ?? []) waiting.push({ row, on: decoded });
  }
}

/**
 * Decodes every version as `decodeEvery` does, each row loaded when it is needed: memory holds the documents of one
 * chain, however many versions there are. `load` may throw CorruptVersionError.
 */
export async function* decodeTree(
  links: readonly Link[],
  load: (version: number) => Promise<StoredVersion>,
): AsyncGenerator<DecodedVersion> {
  const children = childrenOf(links);
  const waiting = (children.get(null) ?? []).map((link) => ({ link, on: null as DecodedVersion | null }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { version } = next.link;
    const decoded = await load(version).then(
      (row) => decodeOn(row, next.on),
      (error: unknown) => failed(version, error),
    );
    yield decoded;
    for (const link of children.get(version) ?? []) waiting.push({ link, on: decoded });
  }
}

/** Which versions are patches on which, newest first; under null those that stand by themselves. */
function childrenOf<L extends Link>(links: readonly L[]): Map<number | null, L[]> {
  const known = new Set(links.map(({ version }) => version));
  const children = new Map<number | null, L[]>();
  for (const link of [...links].sort((a, b) => b.version - a.version)) {
    const root = link.base === null || !known.has(link.base) || link.base >= link.version;
    const key = root ? null : link.base;
    const siblings = children.get(key);
    if (siblings) siblings.push(link);
    else children.set(key, [link]);
  }
  return children;
}

function failed(version: number, error: unknown): DecodedVersion {
  if (error instanceof CorruptVersionError) return { version, bytes: null, error };
  throw error;
}

function quickSize(bytes: Uint8Array, base: Uint8Array | null): number {
  return compress(bytes, { effort: 'ingest', ...(base && { dictionary: base }) }).byteLength;
}

function isLarge({ frame }: EncodedFrame, bytes: Uint8Array): boolean {
  return frame.byteLength > Math.max(LARGE_PATCH_BYTES, bytes.byteLength * LARGE_PATCH);
}

function patchOn(bytes: Uint8Array, base: Uint8Array | null, effort: Effort): EncodedFrame | null {
  if (!base || !fitsAsDictionary(base)) return null;
  return { frame: compress(bytes, { effort, dictionary: base }), patched: true };
}

function decodeOn(row: StoredVersion, on: DecodedVersion | null): DecodedVersion {
  const { version } = row;
  try {
    if (on?.error) throw new CorruptVersionError(version, on.error.at, on.error.reason);
    if (row.base !== null && !on) throw new CorruptVersionError(version, row.base, 'missing-row');
    return { version, bytes: verified(row, decodeFrame(row, on?.bytes ?? null, version)), error: null };
  } catch (error) {
    return failed(version, error);
  }
}

function chainOf(rows: readonly StoredVersion[], version: number): StoredVersion[] {
  const byVersion = new Map(rows.map((row) => [row.version, row]));
  const chain: StoredVersion[] = [];
  for (let at: number | null = version; at !== null;) {
    const row = byVersion.get(at);
    if (!row) throw new CorruptVersionError(version, at, 'missing-row');
    // A base is always older. Without this check, damaged links could cause an endless loop.
    if (row.base !== null && row.base >= at) throw new CorruptVersionError(version, at, 'wrong-base');
    chain.push(row);
    at = row.base;
  }
  return chain.reverse();
}

/**
 * Decodes a chain. Older documents alternate between two buffers: allocating memory for each one makes reading 2 to
 * 5 times slower (page faults).
 */
function decodeUpward(chain: readonly StoredVersion[], version: number): Buffer {
  const scratchBytes = Math.max(0, ...chain.slice(0, -1).map((row) => checkedBytes(row, version)));
  const scratch = [Buffer.allocUnsafe(scratchBytes), Buffer.allocUnsafe(chain.length > 2 ? scratchBytes : 0)];
  return chain.reduce<Buffer | null>((base, row, at) => {
    const into = at < chain.length - 1 ? scratch[at % 2] : undefined;
    return decodeFrame(row, base, version, into);
  }, null) as Buffer;
}

/** The document's length if row and frame agree on it. Memory is never allocated based on only one of them. */
function checkedBytes(row: StoredVersion, wanted: number): number {
  if (contentBytes(row.frame) === row.bytes) return row.bytes;
  throw new CorruptVersionError(wanted, row.version, 'broken-frame');
}

function decodeFrame(row: StoredVersion, base: Buffer | null, wanted: number, into?: Buffer): Buffer {
  try {
    return decompress(row.frame, {
      expectedBytes: row.bytes,
      ...(base && { dictionary: base }),
      ...(into && { into }),
    });
  } catch {
    throw new CorruptVersionError(wanted, row.version, 'broken-frame');
  }
}

function verified(row: StoredVersion, bytes: Buffer): Buffer {
  if (!sha256(bytes).equals(row.sha256))
    throw new CorruptVersionError(row.version, row.version, 'wrong-hash');
  return bytes;
}

/** Names the lowest row whose bytes don't match its hash; the rows above inherit the fault. */
function firstMismatch(chain: readonly StoredVersion[], version: number): CorruptVersionError {
  let bytes: Buffer | null = null;
  for (const row of chain) {
    bytes = decodeFrame(row, bytes, version);
    if (!sha256(bytes).equals(row.sha256)) return new CorruptVersionError(version, row.version, 'wrong-hash');
  }
  return new CorruptVersionError(version, version, 'wrong-hash');
}
