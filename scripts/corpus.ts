import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createBrotliDecompress } from 'node:zlib';

/** Reads a history (`*.ndjson.br`, one `{"rev": n, "raw": "<text>"}` a line) as a stream: unpacked it may be 400 MB. */
export async function* readHistory(file: string): AsyncGenerator<Buffer> {
  const packed = createReadStream(file);
  const input = packed.pipe(createBrotliDecompress());
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
    // Who wants no more leaves nothing open.
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
