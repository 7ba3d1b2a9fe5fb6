import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';

/** DEFLATE's fastest level: JSON shrinks to a fifth with it, and a core writes some 100 MB/s. */
const LEVEL = 1;

type Take = (error: unknown, stream: Readable) => void;

/**
 * A zip archive that is written while it is read. `add` resolves when the archive has taken the entry's bytes, which
 * waits for the archive's reader, so at most two entries are in memory: one on its way out, one that waits.
 */
export class ZipStream {
  private readonly zip = new ZipFile();
  /** Entries that are not yet on their way out, in their order in the archive. */
  private readonly waiting: Readable[] = [];
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
      const stream = Readable.from([bytes], { objectMode: false });
      stream.once('close', () => {
        this.output.off('close', gone);
        resolve();
      });
      this.waiting.push(stream);
      this.zip.addReadStreamLazy(path, { mtime: new Date(at), compressionLevel: LEVEL }, this.takeNext);
    });
  }

  /** Writes the directory at the archive's end. */
  end(): void {
    this.zip.end();
  }

  /**
   * Gives yazl the next entry's bytes. yazl holds each entry's function, and all that it refers to, until the archive
   * ends: a function made for one entry would hold the bytes of the whole archive in memory.
   */
  private readonly takeNext = (take: Take): void => take(null, this.waiting.shift()!);
}
