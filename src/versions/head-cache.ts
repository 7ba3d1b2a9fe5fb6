import { Injectable } from '@nestjs/common';

/** Memory for documents and their encrypted copies, bytes. */
const BUDGET_BYTES = 64 * 1024 * 1024;
/** Larger documents are not cached: a few of them would evict all others. */
const DOCUMENT_BYTES_MAX = 2 * 1024 * 1024;

/** What must match for a cached document to be used. */
interface SealedHead {
  version: number;
  configBytes: number;
  configSha256: Buffer;
  sealed: Buffer;
}

interface Entry {
  head: SealedHead;
  config: Buffer;
}

/**
 * Caches recently read or written documents, so that reading one again, or writing the next version, need not
 * decrypt, decompress and hash it (a third of a GET). A document is returned only for a row with the same version,
 * hash and encrypted copy (if any) as when it was checked, so changes by any process are noticed. Evicts the least
 * recently used first.
 */
@Injectable()
export class HeadCache {
  private readonly entries = new Map<number, Entry>();
  private bytes = 0;

  /** The document of exactly this head. It is shared: do not change its bytes. */
  get(graphKey: number, head: SealedHead): Buffer | undefined {
    const entry = this.entries.get(graphKey);
    if (!entry || !isSame(entry.head, head)) return undefined;
    this.entries.delete(graphKey);
    this.entries.set(graphKey, entry);
    return entry.config;
  }

  /** Caches a document that was checked against this head's hash, or that this head was made from. */
  put(graphKey: number, head: SealedHead, config: Buffer): void {
    this.forget(graphKey);
    if (config.length > DOCUMENT_BYTES_MAX) return;
    const entry = { head, config };
    this.entries.set(graphKey, entry);
    this.bytes += sizeOf(entry);
    while (this.bytes > BUDGET_BYTES) this.forget(this.entries.keys().next().value!);
  }

  forget(graphKey: number): void {
    const entry = this.entries.get(graphKey);
    if (!entry) return;
    this.entries.delete(graphKey);
    this.bytes -= sizeOf(entry);
  }
}

function isSame(known: SealedHead, head: SealedHead): boolean {
  return (
    known.version === head.version &&
    known.configBytes === head.configBytes &&
    known.configSha256.equals(head.configSha256) &&
    known.sealed.equals(head.sealed)
  );
}

function sizeOf({ head, config }: Entry): number {
  return head.sealed.length + config.length;
}
