import { randomFillSync } from 'node:crypto';

/** Bytes drawn at once. */
const STOCK_BYTES = 4096;
const stock = Buffer.alloc(STOCK_BYTES);
let used = STOCK_BYTES;

/**
 * `count` bytes (at most 4096) of the system's cryptographic generator, in memory of their own. They are drawn in
 * stocks: a call to the generator costs 10 µs whether it is for 12 bytes or for 4096, and a request makes several.
 * What is handed out is wiped from the stock.
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
