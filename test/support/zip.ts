import { fromBuffer, type Entry, type ZipFile } from 'yauzl';

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
