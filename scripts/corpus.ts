import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createBrotliDecompress } from 'node:zlib';

/** Reads a history (`*.ndjson.br`, one `{"rev": n, "raw": "<text>"}` a line) as a stream: unpacked it may be 400 MB. */
export async function* readHistory(file: string): AsyncGenerator<Buffer> {
  const lines = createInterface({
    input: createReadStream(file).pipe(createBrotliDecompress()),
    crlfDelay: Infinity,
  });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    const raw: unknown = (parse(line, number) as { raw?: unknown } | null)?.raw;
    if (typeof raw !== 'string') throw new Error(`Line ${number} of ${file} has no "raw" text.`);
    yield Buffer.from(raw);
  }
}

function parse(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`Line ${number} is not JSON.`);
  }
}
