import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';

/** DEFLATE's fastest level: JSON shrinks to a fifth with it, and a core writes some 100 MB/s. */
const LEVEL = 1;

/**
 * A zip archive that is written while it is read. One entry is in memory at a time: `add` resolves when its bytes have
 * gone into the stream, which waits for its reader.
 */
export class ZipStream {
  private readonly zip = new ZipFile();
  /** The archive's bytes. */
  readonly output: Readable;

  constructor() {
    this.output = this.zip.outputStream as Readable;
    this.zip.on('error', (error: Error) => this.output.destroy(error));
  }

  /** Adds a file. `at` (ms since 1970 UTC) becomes its date. Rejects when the reader has gone. */
  add(path: string, bytes: Uint8Array, at: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const gone = () => reject(new Error('The reader of the archive has gone.'));
      if (this.output.destroyed) return gone();
      this.output.once('close', gone);
      const options = { mtime: new Date(at), compressionLevel: LEVEL };
      this.zip.addReadStreamLazy(path, options, (take) => {
        const stream = Readable.from([bytes], { objectMode: false });
        stream.once('close', () => {
          this.output.off('close', gone);
          resolve();
        });
        take(null, stream);
      });
    });
  }

  /** Writes the directory at the archive's end. */
  end(): void {
    this.zip.end();
  }
}
