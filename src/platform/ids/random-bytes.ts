import { randomFillSync } from 'node:crypto';

/** Bytes generated at once. */
const STOCK_BYTES = 4096;
const stock = Buffer.alloc(STOCK_BYTES);
let used = STOCK_BYTES;

/**
 * Returns `count` bytes (at most 4096) of the system's cryptographic generator, in their own memory. They are
 * generated in blocks, because a call costs 10 µs for 12 bytes as well as for 4096, and a request needs several.
 * Returned bytes are wiped from the block.
 */
export function pooledRandomBytes(count: number): Buffer {
  if (used + count > STOCK_BYTES) {
    randomFillSync(stock);
    used = 0;
  }
  const drawn = Buffer.from(stock.subarray(used, used + count));
  stock.fill(0, used, used + count);
  used += count;
  return drawn;
}
