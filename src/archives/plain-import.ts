import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { VersionsService } from '../versions/versions.service';
import type { ImportOptions } from './archive-import';
import { ArchiveParser } from './archive-parser';
import { ConfigChecker } from './config-checker';
import { ImportFault } from './domain/import-fault';
import { ExportReader } from './export-reader';
import { GraphImport } from './graph-import';
import { reasonFor, refused, type ImportEntry } from './import-report';

/** A file of an upload: its path, null for a single document, and how to read it. */
export interface PlainFile {
  name: string | null;
  read: () => Promise<Buffer>;
}

/** Imports workflow files as other tools write them; each becomes a graph with one version. */
@Injectable()
export class PlainImport {
  constructor(
    private readonly reader: ExportReader,
    private readonly graphs: GraphImport,
    private readonly versions: VersionsService,
    private readonly configs: ConfigChecker,
    private readonly parser: ArchiveParser,
    private readonly clock: Clock,
  ) {}

  /** Imports file after file. A document whose bytes are the present config of one of the caller's graphs is skipped. */
  async *run(
    caller: Caller,
    files: Iterable<PlainFile>,
    options: ImportOptions,
  ): AsyncGenerator<ImportEntry> {
    const here = await this.presentConfigs(caller);
    for (const file of files) {
      options.signal.throwIfAborted();
      yield* this.file(caller, file, here, options);
    }
  }

  private async *file(
    caller: Caller,
    { name, read }: PlainFile,
    here: Map<string, string>,
    options: ImportOptions,
  ): AsyncGenerator<ImportEntry> {
    try {
      const bytes = await this.configs.checked(await read(), name ?? 'The document', { owner: caller.id });
      for (const { title, start, end } of await this.parser.documents(bytes, name)) {
        options.signal.throwIfAborted();
        const document = { title, config: bytes.subarray(start, end) };
        yield await this.document(caller, name, document, here, options);
      }
    } catch (error) {
      if (error instanceof ImportFault) yield refused(name, null, error.message);
      else throw error;
    }
  }

  private async document(
    caller: Caller,
    name: string | null,
    { title, config }: { title: string; config: Buffer },
    here: Map<string, string>,
    { dryRun }: ImportOptions,
  ): Promise<ImportEntry> {
    const sha256 = (await this.versions.digest(config, caller.id)).sha256.toString('hex');
    const known = here.get(sha256);
    const entry = { name, title, graphId: known ?? null, versions: 0 };
    if (known !== undefined)
      return { ...entry, action: 'skipped', reason: 'A graph with this config is here.' };
    if (dryRun) return { ...entry, action: 'created', versions: 1, reason: null };
    try {
      const graphId = await this.graphs.create(caller, {
        ...{ title, description: null, status: 'draft', label: null, pinned: false, deleted: false },
        ...{ createdAt: this.clock.now(), sha256, file: '', config },
      });
      here.set(sha256, graphId);
      return { ...entry, action: 'created', graphId, versions: 1, reason: null };
    } catch (error) {
      return refused(name, title, reasonFor(error));
    }
  }

  /** The caller's graphs that are not in the trash, by the SHA-256 of their present config. */
  private async presentConfigs(caller: Caller): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for await (const graph of this.reader.allGraphs(caller)) {
      if (graph.deletedAt === null) found.set(graph.configSha256, graph.id);
    }
    return found;
  }
}
