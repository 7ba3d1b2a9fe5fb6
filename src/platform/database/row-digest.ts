import { createHash } from 'node:crypto';

/** A value as both drivers return it. */
export type CellValue = string | number | Uint8Array | null;

/** Number of rows, and the SHA-256 over all of them in order, as hex. */
export interface TableDigest {
  rows: number;
  sha256: string;
}

/**
 * A running digest of a table's rows, equal for equal rows on every database. The type and length before each value
 * keep different rows from having the same digest.
 */
export class RowDigest {
  private readonly hash = createHash('sha256');
  private rows = 0;

  add(row: readonly CellValue[]): void {
    this.rows += 1;
    for (const value of row) this.addValue(value);
  }

  end(): TableDigest {
    return { rows: this.rows, sha256: this.hash.digest('hex') };
  }

  private addValue(value: CellValue): void {
    if (value === null) this.hash.update('n;');
    else if (typeof value === 'number') this.hash.update(`i${value};`);
    else {
      const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
      this.hash.update(`${typeof value === 'string' ? 's' : 'b'}${bytes.length};`).update(bytes);
    }
  }
}
