import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createBrotliDecompress } from 'node:zlib';

/** Reads a history (`*.ndjson.br`, one `{"rev": n, "raw": "<text>"}` per line) as a stream: decompressed it can have 400 MB. */
export async function* readHistory(file: string): AsyncGenerator<Buffer> {
  const packed = createReadStream(file);
  const input = packed.pipe(createBrotliDecompress());
  // A pipe hands no error on: without this, a missing file would end the process.
  packed.once('error', (error) => input.destroy(error));
  const lines = createInterface({ input, crlfDelay: Infinity });
  let number = 0;
  try {
    for await (const line of lines) {
      number += 1;
      const raw: unknown = (parse(line, number) as { raw?: unknown } | null)?.raw;
      if (typeof raw !== 'string') throw new Error(`Line ${number} of ${file} has no "raw" text.`);
      yield Buffer.from(raw);
    }
  } finally {
    // Also if the reader stops early.
    packed.destroy();
    input.destroy();
  }
}

function parse(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`Line ${number} is not JSON.`);
  }
}
