import type { JsonText } from './json-text';

/** Where the output goes: pieces of the texts, and new text. */
export interface Sink {
  slice(text: JsonText, start: number, end: number): void;
  write(text: string): void;
}

/** Collects bytes. */
export class ByteSink implements Sink {
  private readonly pieces: Uint8Array[] = [];

  slice(text: JsonText, start: number, end: number): void {
    if (end > start) this.pieces.push(text.bytes.subarray(start, end));
  }

  write(text: string): void {
    this.pieces.push(Buffer.from(text));
  }

  bytes(): Buffer {
    return Buffer.concat(this.pieces);
  }
}

/** Writes a text into a string. Pieces that come out of a string keep their escapes. */
export class StringSink implements Sink {
  constructor(private readonly around: Sink) {}

  slice(text: JsonText, start: number, end: number): void {
    if (end <= start) return;
    const { outer } = text;
    if (outer === undefined) return this.write(text.bytes.toString('utf8', start, end));
    this.around.slice(outer.text, outer.offsets[start] ?? 0, outer.offsets[end] ?? 0);
  }

  write(text: string): void {
    this.around.write(JSON.stringify(text).slice(1, -1));
  }
}
