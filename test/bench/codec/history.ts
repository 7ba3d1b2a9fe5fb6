import { type ChainState, placeNext, stateAfter } from '../../../src/versions/domain/chain';
import { type StoredVersion, decodeChain, encode, rebase, sha256 } from '../../../src/versions/domain/codec';
import { repackBatch } from '../../../src/versions/domain/repack';
import { Times } from '../figures';

const REPACK_BATCH_BYTES = 64 * 1024 * 1024;

/** A history as the version store would hold it, in memory, with what it took. */
export class StoredHistory {
  readonly rows: StoredVersion[] = [];
  readonly ingest = new Times();
  readonly read = new Times();
  readonly repack = new Times();
  rawBytes = 0;
  private state: ChainState | null = null;
  private head: Buffer | null = null;

  /** Stores the next version. Timed: choosing the base, encoding, hashing; not the anchor's decoding. */
  append(bytes: Buffer): void {
    const version = this.rows.length + 1;
    const placement = placeNext(this.state, version - 1, bytes.byteLength);
    const base = placement.role === 'anchor' ? this.decode(placement.base) : this.head;
    const { hash, encoded } = this.ingest.take(() => ({
      hash: sha256(bytes),
      encoded: encode(bytes, placement.base === null ? null : base, placement.worth),
    }));
    const { frame, patched } = encoded;
    this.rows.push({
      version,
      base: patched ? placement.base : null,
      bytes: bytes.byteLength,
      sha256: hash,
      frame,
    });
    this.state = stateAfter(this.state, placement, version, patched);
    this.head = bytes;
    this.rawBytes += bytes.byteLength;
  }

  /** Reads every version back once, hash checked. */
  readAll(): void {
    for (const { version } of this.rows) {
      const chain = this.chain(version);
      this.read.take(() => decodeChain(chain, version));
    }
  }

  /** Repacks all rows in batches, as the idle job does. */
  async repackAll(): Promise<void> {
    for (let after: number | null = 0; after !== null;) after = await this.repackBatch(after);
  }

  private async repackBatch(after: number): Promise<number | null> {
    const rows = this.rows.map((row) => ({ ...row, frameBytes: row.frame.byteLength }));
    const { rewritten, next } = await repackBatch(
      rows,
      { after: after, upTo: Infinity },
      REPACK_BATCH_BYTES,
      {
        load: (version) => Promise.resolve(this.decode(version)),
        rebase: (bytes, bases, current) =>
          Promise.resolve(this.repack.take(() => rebase(bytes, bases, current))),
      },
    );
    for (const { version, base, frame } of rewritten) {
      const row = this.rows[version - 1] as StoredVersion;
      this.rows[version - 1] = { ...row, base, frame };
    }
    return next;
  }

  frameBytes(): number {
    return this.rows.reduce((sum, { frame }) => sum + frame.byteLength, 0);
  }

  keyframes(): number {
    return this.rows.filter(({ base }) => base === null).length;
  }

  private decode(version: number | null): Buffer {
    return decodeChain(this.chain(version ?? 0), version ?? 0);
  }

  private chain(version: number): StoredVersion[] {
    const chain: StoredVersion[] = [];
    let row = this.rows[version - 1];
    while (row) {
      chain.push(row);
      row = row.base === null ? undefined : this.rows[row.base - 1];
    }
    return chain;
  }
}
