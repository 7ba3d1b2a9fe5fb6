import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

/** Memory for documents and their sealed copies, bytes. */
const BUDGET_BYTES = 64 * 1024 * 1024;
/** Larger documents are not kept: a few would push out all others. */
const DOCUMENT_BYTES_MAX = 2 * 1024 * 1024;
/** What an entry takes besides its bytes: its objects, their memory's administration, and its place in the cache. */
const ENTRY_BYTES = 1_024;
/** Bytes that a document may keep in memory besides its own, as a share of these, before it is copied. */
const WASTE_SHARE = 0.25;

/** What a document must have been made of to be given again. */
interface SealedHead {
  version: number;
  configBytes: number;
  configSha256: Buffer;
  sealed: Buffer;
}

interface Entry {
  version: number;
  configBytes: number;
  configSha256: Buffer;
  sealed: Buffer;
  config: Buffer;
  /** All of it, bytes. */
  size: number;
}

/**
 * Documents that were opened or written lately, so that reading one again, or writing the next version on it, need
 * not decrypt, decompress and hash it again (a third of a GET). A document is only ever given for a row that holds
 * the same version, hash and sealed copy, if it has one, as when it was checked: later changes of the row by anyone are
 * never hidden by this cache. The least recently used documents leave first.
 */
@Injectable()
export class HeadCache {
  private readonly entries = new LRUCache<number, Entry>({
    maxSize: BUDGET_BYTES,
    sizeCalculation: ({ size }) => size,
  });

  /** The document of this very head. It is shared: do not change its bytes. */
  get(graphKey: number, head: SealedHead): Buffer | undefined {
    const entry = this.entries.peek(graphKey);
    if (!entry || !isSame(entry, head)) return undefined;
    this.entries.get(graphKey);
    return entry.config;
  }

  /** Keeps a document that has been checked against this head's hash, or that this head was made of. */
  put(graphKey: number, head: SealedHead, config: Buffer): void {
    this.entries.delete(graphKey);
    if (config.length > DOCUMENT_BYTES_MAX) return;
    this.entries.set(graphKey, entryOf(head, config));
  }

  forget(graphKey: number): void {
    this.entries.delete(graphKey);
  }
}

/**
 * Parts of an entry can lie in larger memory: of a request's body, a row, or Node's pool of 8 KiB. An entry that kept
 * these would keep all of that, so a part that wastes memory is copied into memory of the entry's own.
 */
function entryOf({ version, configBytes, configSha256, sealed }: SealedHead, config: Buffer): Entry {
  const parts = [configSha256, sealed, config];
  const memory = Buffer.allocUnsafeSlow(sum(parts.filter(isWasteful), ({ length }) => length));
  let end = 0;
  const own = parts.map((part) => {
    if (!isWasteful(part)) return part;
    memory.set(part, end);
    return memory.subarray(end, (end += part.length));
  });
  const whole = parts.filter((part) => !isWasteful(part));
  const size = memory.length + sum(whole, ({ buffer }) => buffer.byteLength) + ENTRY_BYTES;
  const [ownSha256, ownSealed, ownConfig] = own as [Buffer, Buffer, Buffer];
  return { version, configBytes, configSha256: ownSha256, sealed: ownSealed, config: ownConfig, size };
}

function isWasteful({ buffer, length }: Buffer): boolean {
  return buffer.byteLength > length * (1 + WASTE_SHARE);
}

function sum(parts: readonly Buffer[], bytesOf: (part: Buffer) => number): number {
  return parts.reduce((bytes, part) => bytes + bytesOf(part), 0);
}

function isSame(known: Entry, head: SealedHead): boolean {
  return (
    known.version === head.version &&
    known.configBytes === head.configBytes &&
    known.configSha256.equals(head.configSha256) &&
    known.sealed.equals(head.sealed)
  );
}
