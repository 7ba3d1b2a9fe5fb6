import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { ZipFile as Writer } from 'yazl';

/** The files of a zip archive by their paths. Rejects for an archive that is not whole or not well-formed. */
export function unzip(archive: Buffer): Promise<Map<string, { bytes: Buffer; at: Date }>> {
  return new Promise((resolve, reject) => {
    const files = new Map<string, { bytes: Buffer; at: Date }>();
    fromBuffer(archive, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error);
      zip.on('error', reject);
      zip.on('end', () => resolve(files));
      zip.on('entry', (entry: Entry) => {
        readEntry(zip, entry).then((bytes) => {
          files.set(entry.fileName, { bytes, at: entry.getLastModDate() });
          zip.readEntry();
        }, reject);
      });
      zip.readEntry();
    });
  });
}

function readEntry(zip: ZipFile, entry: Entry): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) return reject(error);
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('error', reject);
      stream.on('end', () => resolve(Buffer.concat(parts)));
    });
  });
}

/** A zip archive of these files. */
export function zipOf(
  files: Readonly<Record<string, string | Buffer>> | ReadonlyMap<string, { bytes: Buffer }>,
): Promise<Buffer> {
  const zip = new Writer();
  if (isMap(files)) files.forEach(({ bytes }, path) => zip.addBuffer(bytes, path));
  else for (const [path, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), path);
  zip.end();
  return buffer(zip.outputStream as Readable);
}

function isMap(files: object): files is ReadonlyMap<string, { bytes: Buffer }> {
  return files instanceof Map;
}
