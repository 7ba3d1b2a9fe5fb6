import { constants, createDeflateRaw, type DeflateRaw } from 'node:zlib';

/** DEFLATE's fastest level: JSON shrinks to a fifth with it, and a core writes some 100 MB/s. */
const LEVEL = 1;
/** Memory that deflated bytes are written to at a time: most configs need one. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Deflates one document after the other with the same zlib state, which takes 270 KB: a state for each document leaves
 * these as garbage. The bytes come part by part, each when the one before was taken.
 */
export class Deflater {
  private readonly zlib: DeflateRaw = createDeflateRaw({ level: LEVEL, chunkSize: CHUNK_BYTES });
  private wake: () => void = () => undefined;
  private failure: Error | undefined;

  constructor() {
    this.zlib.on('readable', () => this.wake());
    this.zlib.on('error', (error) => {
      this.failure = error;
      this.wake();
    });
  }

  /** The deflated bytes of one document. One at a time; its parts must not change before the end. */
  async *deflate(parts: Iterable<Uint8Array>): AsyncGenerator<Buffer> {
    let isWhole = false;
    for (const part of parts) this.zlib.write(part);
    this.zlib.flush(constants.Z_FINISH, () => {
      isWhole = true;
      this.wake();
    });
    for (;;) {
      const part = this.zlib.read() as Buffer | null;
      if (this.failure) throw this.failure;
      if (part) yield part;
      else if (isWhole) break;
      else await this.change();
    }
    this.zlib.reset();
  }

  /** Frees the memory at once. */
  close(): void {
    this.zlib.close();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }
}
