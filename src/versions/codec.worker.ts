import '../platform/hardening/guard-prototypes';
import { lowerPriority } from '../platform/workers/lower-priority';
import { countShared, inSharedMemory } from '../platform/workers/shared-bytes';
import * as codec from './domain/codec';
import { CorruptVersionError, type Corruption } from './domain/corrupt-version.error';
import type { EncodedFrame, RebasedFrame, StoredVersion } from './domain/codec';

lowerPriority();

// The jobs of `CodecPool`, each a plain function of its message; piscina loads this file as compiled JavaScript.
// Objects lose their class between threads, so messages contain plain bytes and plain fault reports.

/** A row whose frame is at `start` to `end` of the one buffer that carries all frames of a job. */
export interface PackedRow extends Omit<StoredVersion, 'frame'> {
  readonly start: number;
  readonly end: number;
}

export interface EncodeJob {
  readonly bytes: Uint8Array;
  readonly base: Uint8Array | null;
  readonly worth: number;
  readonly quickly: boolean;
}

export interface EncodeAgainJob {
  readonly bytes: Uint8Array;
  readonly base: Uint8Array | null;
  readonly currentBytes: number;
  readonly effort: 'strong' | 'tight';
}

export interface RebaseJob {
  readonly bytes: Uint8Array;
  readonly bases: readonly (Uint8Array | null)[];
  readonly currentBytes: number;
}

export interface DecodeJob {
  readonly rows: readonly PackedRow[];
  readonly frames: Uint8Array;
  readonly version: number;
}

/** The fields of a `CorruptVersionError`. */
export interface Fault {
  readonly version: number;
  readonly at: number;
  readonly reason: Corruption;
}

function countJob(...documents: readonly (Uint8Array | null)[]): void {
  for (const document of documents) if (document) countShared(document);
}

export function encode({ bytes, base, worth, quickly }: EncodeJob): EncodedFrame {
  countJob(bytes, base);
  return quickly ? codec.encodeQuickly(bytes, base, worth) : codec.encode(bytes, base, worth);
}

export function encodeAgain({ bytes, base, currentBytes, effort }: EncodeAgainJob): Uint8Array | null {
  countJob(bytes, base);
  return codec.encodeAgain(bytes, base, currentBytes, effort);
}

export function rebase({ bytes, bases, currentBytes }: RebaseJob): RebasedFrame | null {
  countJob(bytes, ...bases);
  return codec.rebase(bytes, bases, currentBytes);
}

export function encodeHead(bytes: Uint8Array): Uint8Array {
  return codec.encodeHead(countShared(bytes));
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return codec.sha256(countShared(bytes));
}

export function decodeChain(job: DecodeJob): Uint8Array | Fault {
  return reported(() => codec.decodeChain(unpack(job), job.version));
}

export function decodeHead(head: Omit<StoredVersion, 'base'>): Uint8Array | Fault {
  return reported(() => codec.decodeHead(head));
}

function unpack({ rows, frames }: DecodeJob): StoredVersion[] {
  return rows.map((row) => ({ ...row, frame: frames.subarray(row.start, row.end) }));
}

/**
 * Runs `read` and returns the bytes in shared memory, so that the next worker gets them without a copy; or the
 * fault.
 */
function reported(read: () => Buffer): Uint8Array | Fault {
  try {
    return inSharedMemory(read());
  } catch (error) {
    if (!(error instanceof CorruptVersionError)) throw error;
    return { version: error.version, at: error.at, reason: error.reason };
  }
}
