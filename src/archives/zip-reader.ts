import { fromFd, type Entry, type ZipFile } from 'yauzl';
import { ImportFault } from './domain/import-fault';

/** Files in an archive at most: each takes some hundred bytes of memory while it is read. */
const FILES_MAX = 250_000;

/**
 * What an archive may unpack to: so many times its own size, and this much more, bytes. JSON shrinks to a tenth, rarely to a
 * hundredth. Entries that share their bytes could make hours of work of a small file.
 */
const GROWTH_MAX = 250;
const SMALL_BYTES = 1024 ** 3;

/**
 * The files of a zip archive. Paths that lead out of the archive, encrypted files and sizes that lie are refused (yauzl
 * checks them), and a file is read only up to a limit, so that a small archive can't grow to fill the memory.
 */
export class ZipReader {
  private constructor(
    private readonly zip: ZipFile,
    private readonly entries: ReadonlyMap<string, Entry>,
  ) {}

  /** Reads the archive's directory. The file descriptor stays the caller's to close. Throws ImportFault. */
  static async open(fd: number): Promise<ZipReader> {
    const zip = await opened(fd);
    if (zip.entryCount > FILES_MAX)
      throw new ImportFault(`The archive has ${zip.entryCount} files; at most ${FILES_MAX} are read.`);
    const entries = await entriesOf(zip);
    requireBounded(zip.fileSize, entries);
    return new ZipReader(zip, entries);
  }

  /** The paths of all files. */
  get paths(): string[] {
    return [...this.entries.keys()];
  }

  /** A file's bytes; null if there is no such file. Throws ImportFault if it is damaged or has more than `limit` bytes. */
  async read(path: string, limit: number): Promise<Buffer | null> {
    const entry = this.entries.get(path);
    if (!entry) return null;
    if (entry.uncompressedSize > limit)
      throw new ImportFault(`${path} has ${entry.uncompressedSize} bytes; at most ${limit} are read.`);
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(new ImportFault(`${path} can't be read: ${error.message}.`));
      this.zip.openReadStream(entry, (error, stream) => {
        if (error) return fail(error);
        // yauzl fails for an entry that has more bytes than it says, or fewer.
        const bytes = Buffer.allocUnsafeSlow(entry.uncompressedSize);
        let length = 0;
        stream.on('data', (part: Buffer) => (length += part.copy(bytes, length)));
        stream.on('error', fail);
        stream.on('end', () => resolve(bytes.subarray(0, length)));
      });
    });
  }
}

/** Nothing is read beyond the size that an entry names. */
function requireBounded(archiveBytes: number, entries: ReadonlyMap<string, Entry>): void {
  let bytes = 0;
  for (const { uncompressedSize } of entries.values()) bytes += uncompressedSize;
  if (bytes > archiveBytes * GROWTH_MAX + SMALL_BYTES)
    throw new ImportFault(
      `The archive of ${archiveBytes} bytes would unpack to ${bytes} bytes, which is more than is read. Import the files in smaller archives.`,
    );
}

function opened(fd: number): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromFd(fd, { lazyEntries: true, autoClose: false }, (error, zip) =>
      error ? reject(new ImportFault(`This is no zip archive: ${error.message}.`)) : resolve(zip),
    );
  });
}

function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  return new Promise((resolve, reject) => {
    const entries = new Map<string, Entry>();
    zip.on('error', (error: Error) => reject(new ImportFault(`The archive is damaged: ${error.message}.`)));
    zip.on('end', () => resolve(entries));
    zip.on('entry', (entry: Entry) => {
      // A folder has a name that ends with a slash.
      if (!entry.fileName.endsWith('/')) entries.set(entry.fileName, entry);
      zip.readEntry();
    });
    zip.readEntry();
  });
}
