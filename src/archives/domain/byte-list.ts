const BLOCK_BYTES = 64 * 1024;

/**
 * Many small records one behind the other, in memory of their own. An array of small Buffers takes several times their
 * bytes: each keeps the 8 KiB that Node cut it from, and all that was cut from these before.
 */
export class ByteList implements Iterable<Uint8Array> {
  private readonly full: Buffer[] = [];
  private block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  private used = 0;

  append(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length;) {
      if (this.used === BLOCK_BYTES) this.startBlock();
      const part = bytes.subarray(from, from + BLOCK_BYTES - this.used);
      this.block.set(part, this.used);
      this.used += part.length;
      from += part.length;
    }
  }

  get length(): number {
    return this.full.length * BLOCK_BYTES + this.used;
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    yield* this.full;
    if (this.used > 0) yield this.block.subarray(0, this.used);
  }

  private startBlock(): void {
    this.full.push(this.block);
    this.block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.used = 0;
  }
}
