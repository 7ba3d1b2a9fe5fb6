import { crc32 } from 'node:zlib';
import { Deflater } from './deflater';
import { ByteList } from './domain/byte-list';
import { directoryEnd, directoryRecord, fileHeader, fileTrailer, type ZipEntry } from './domain/zip-format';

/** A file for an archive. */
export interface ZipFile {
  path: string;
  /** Its bytes, one part after the other. */
  parts: Iterable<Uint8Array>;
  /** Becomes its date, ms since 1970 UTC. */
  at: number;
}

/**
 * A zip archive that is written while it is read: a file is taken when the reader has taken what was before it. Of the
 * written files only their records in the directory stay in memory, some 130 bytes each. (yazl keeps a kilobyte of each
 * file, and looks at all of them for each one that is added.)
 */
export async function* zipOf(files: AsyncIterable<ZipFile>): AsyncGenerator<Uint8Array> {
  const deflater = new Deflater();
  const directory = new ByteList();
  let [count, offset] = [0, 0];
  try {
    for await (const file of files) {
      const entry = entryOf(file, offset);
      for await (const part of recordOf(entry, file.parts, deflater)) {
        offset += part.length;
        yield part;
      }
      directory.append(directoryRecord(entry));
      count += 1;
    }
  } finally {
    deflater.close();
  }
  yield* directory;
  yield directoryEnd(count, directory.length, offset);
}

/** The sum of its parts is known before they are deflated; the length of the deflated bytes is not. */
function entryOf({ path, parts, at }: ZipFile, offset: number): ZipEntry {
  const entry = { path, at, crc32: 0, bytes: 0, deflatedBytes: 0, offset };
  for (const part of parts) {
    entry.crc32 = crc32(part, entry.crc32);
    entry.bytes += part.length;
  }
  return entry;
}

/** A file's header, its deflated bytes and its trailer. Counts the deflated bytes in `entry`. */
async function* recordOf(
  entry: ZipEntry,
  parts: Iterable<Uint8Array>,
  deflater: Deflater,
): AsyncGenerator<Uint8Array> {
  yield fileHeader(entry);
  for await (const part of deflater.deflate(parts)) {
    entry.deflatedBytes += part.length;
    yield part;
  }
  yield fileTrailer(entry);
}
