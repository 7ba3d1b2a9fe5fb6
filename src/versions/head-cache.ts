import { Injectable } from '@nestjs/common';

/** Memory for documents and their sealed copies, bytes. */
const BUDGET_BYTES = 64 * 1024 * 1024;
/** Larger documents are not kept: a few would push out all others. */
const DOCUMENT_BYTES_MAX = 2 * 1024 * 1024;

/** What a document must have been made of to be given again. */
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
 * Documents that were opened or written lately, so that reading one again, or writing the next version on it, need
 * not decrypt, decompress and hash it anew (a third of a GET). A document is only ever given for a row that holds
 * the same version, hash and sealed copy, if it has one, as when it was checked: what is changed there meanwhile, by
 * whomever, is not in here. The least recently used ones leave first.
 */
@Injectable()
export class HeadCache {
  private readonly entries = new Map<number, Entry>();
  private bytes = 0;

  /** The document of this very head. It is shared: nobody may change its bytes. */
  get(graphKey: number, head: SealedHead): Buffer | undefined {
    const entry = this.entries.get(graphKey);
    if (!entry || !isSame(entry.head, head)) return undefined;
    this.entries.delete(graphKey);
    this.entries.set(graphKey, entry);
    return entry.config;
  }

  /** Keeps a document that has been checked against this head's hash, or that this head was made of. */
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
