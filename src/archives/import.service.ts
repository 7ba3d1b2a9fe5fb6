import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { AppError } from '../platform/errors/app-error';
import { ArchiveImport, type ImportOptions } from './archive-import';
import { ArchiveReader } from './archive-reader';
import { ConfigChecker } from './config-checker';
import { ImportFault } from './domain/import-fault';
import { ImportPlaces } from './import-places';
import type { ImportEntry } from './import-report';
import { PlainImport, type PlainFile } from './plain-import';
import { ZipReader } from './zip-reader';

/** Workflow files in one archive that no export of ours wrote. */
const PLAIN_FILES_MAX = 10_000;

/** Imports accounts, graphs and workflow files. Nothing that is here is overwritten, so any import can be repeated. */
@Injectable()
export class ImportService {
  private readonly places = new ImportPlaces();

  constructor(
    private readonly reader: ArchiveReader,
    private readonly archives: ArchiveImport,
    private readonly files: PlainImport,
    private readonly configs: ConfigChecker,
  ) {}

  /** Holds a place for an import of this caller; returns what gives it back. 429 if the caller has one, 503 if all are taken. */
  begin({ id }: Caller): () => void {
    return this.places.hold(id);
  }

  /** Imports a zip archive: one of ours, or one with workflow files. 422 for what is no such archive. */
  zip(caller: Caller, fd: number, options: ImportOptions): Promise<ImportEntry[]> {
    return this.places.run(options.signal, () => this.runZip(caller, fd, options));
  }

  private async runZip(caller: Caller, fd: number, options: ImportOptions): Promise<ImportEntry[]> {
    try {
      const zip = await ZipReader.open(fd);
      const manifest = await this.reader.manifest(zip);
      if (manifest) return await all(this.archives.run(caller, zip, manifest, options));
      return await all(this.files.run(caller, this.plainFiles(zip), options));
    } catch (error) {
      if (error instanceof ImportFault) throw unreadable(error);
      throw error;
    }
  }

  /** Imports a JSON document: one workflow, or a list of workflows. */
  async json(caller: Caller, bytes: Buffer, options: ImportOptions): Promise<ImportEntry[]> {
    const files = [{ name: null, read: () => Promise.resolve(bytes) }];
    const entries = await this.places.run(options.signal, () => all(this.files.run(caller, files, options)));
    const [first] = entries;
    if (entries.length === 1 && first?.action === 'refused' && first.title === null)
      throw unreadable(new ImportFault(first.reason ?? ''));
    return entries;
  }

  private plainFiles(zip: ZipReader): PlainFile[] {
    const names = zip.paths.filter(isWorkflowFile);
    if (names.length === 0)
      throw new ImportFault('The archive has no manifest.json of an export and no .json files.');
    if (names.length > PLAIN_FILES_MAX)
      throw new ImportFault(
        `The archive has ${names.length} .json files; at most ${PLAIN_FILES_MAX} are imported at a time. Split it.`,
      );
    return names.map((name) => ({
      name,
      read: async () => (await zip.read(name, this.configs.maxBytes)) ?? Buffer.alloc(0),
    }));
  }
}

/** Without what macOS and editors add. */
function isWorkflowFile(path: string): boolean {
  return (
    /\.json$/i.test(path) && !path.split('/').some((part) => part === '__MACOSX' || part.startsWith('.'))
  );
}

function unreadable(cause: ImportFault): AppError {
  return new AppError('unprocessable', 'import-unreadable', cause.message, { cause });
}

async function all(entries: AsyncIterable<ImportEntry>): Promise<ImportEntry[]> {
  const list: ImportEntry[] = [];
  for await (const entry of entries) list.push(entry);
  return list;
}
