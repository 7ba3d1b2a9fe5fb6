import { Injectable } from '@nestjs/common';
import { JournalService } from '../audit/journal.service';
import type { Caller } from '../platform/access/caller';
import type { PolicyPart } from '../platform/config/policy-limits';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError } from '../platform/errors/app-error';
import { PoliciesService } from '../retention/policies.service';
import { changeOf, type ListedVersion } from '../versions/versions.service';
import { ConfigChecker } from './config-checker';
import { ImportFault } from './domain/import-fault';
import { GRAPH_MANIFEST } from './domain/manifest';
import {
  parseHistory,
  parseManifest,
  type ArchivedGraph,
  type ArchivedHistory,
  type ArchivedVersion,
} from './domain/parse-manifest';
import { ExportReader } from './export-reader';
import { GraphImport } from './graph-import';
import { refused, type ImportEntry } from './import-report';
import type { ZipReader } from './zip-reader';

/** A graph's manifest: 250,000 versions fit. Bytes. */
const MANIFEST_BYTES = 128 * 1024 * 1024;

/** How an import runs. */
export interface ImportOptions {
  /** Only say what would be done. */
  dryRun: boolean;
  /** Aborted when the client has gone; what was imported stays, and the same import continues. */
  signal: AbortSignal;
}

/** Imports an archive that an export of ours wrote. */
@Injectable()
export class ArchiveImport {
  constructor(
    private readonly reader: ExportReader,
    private readonly graphs: GraphImport,
    private readonly policies: PoliciesService,
    private readonly journal: JournalService,
    private readonly unitOfWork: UnitOfWork,
    private readonly configs: ConfigChecker,
  ) {}

  /** Imports graph after graph. `manifest`: the parsed `manifest.json`. Throws ImportFault if that is not well-formed. */
  async *run(
    caller: Caller,
    zip: ZipReader,
    manifest: Readonly<Record<string, unknown>>,
    options: ImportOptions,
  ): AsyncGenerator<ImportEntry> {
    const { graphs, policy } = parseManifest(manifest);
    if (policy && !options.dryRun) await this.adoptPolicy(caller, policy);
    const purged = await this.purgedIds(caller);
    for (const graph of graphs) {
      options.signal.throwIfAborted();
      yield await this.graph(caller, zip, graph, purged, options);
    }
  }

  /** The account's own policy stays where it has one. */
  private async adoptPolicy(caller: Caller, policy: PolicyPart): Promise<void> {
    if ((await this.policies.ownPart(caller, null)) === null) await this.policies.putForUser(caller, policy);
  }

  /** A graph that was purged here gets a new id: the copies know the old one as removed. */
  private async purgedIds({ key }: Caller): Promise<ReadonlySet<string>> {
    const read = this.unitOfWork.read((em) => this.journal.subjectsSince(em, key, 'graph.purged', 0));
    return new Set(await read);
  }

  private async graph(
    caller: Caller,
    zip: ZipReader,
    { folder, title }: ArchivedGraph,
    purged: ReadonlySet<string>,
    options: ImportOptions,
  ): Promise<ImportEntry> {
    try {
      const history = parseHistory(await this.json(zip, `${folder}/${GRAPH_MANIFEST}`));
      const here = await this.versionsHere(caller, history.id);
      if (here === null) {
        const id = purged.has(history.id) ? undefined : history.id;
        return await this.add(caller, zip, folder, history, { done: 0, ...(id && { id }) }, options);
      }
      const entry = { name: folder, title, graphId: history.id, versions: 0 };
      const hashes = new Set(here.map(hashOf));
      if (history.versions.every(({ sha256 }) => hashes.has(sha256)))
        return { ...entry, action: 'skipped', reason: 'All its versions are here.' };
      if (!isPrefix(here, history.versions)) return { ...entry, action: 'refused', reason: DIFFERS };
      return await this.add(caller, zip, folder, history, { done: here.length, id: history.id }, options);
    } catch (error) {
      if (error instanceof ImportFault) return refused(folder, title, error.message);
      if (error instanceof AppError && error.kind !== 'unavailable')
        return refused(folder, title, error.message);
      throw error;
    }
  }

  private async add(
    caller: Caller,
    zip: ZipReader,
    folder: string,
    { versions, title, policy }: ArchivedHistory,
    { done, id }: { done: number; id?: string },
    { dryRun, signal }: ImportOptions,
  ): Promise<ImportEntry> {
    let graphId = id ?? null;
    for (const version of versions.slice(done)) {
      signal.throwIfAborted();
      const whole = { ...version, config: await this.config(caller, zip, folder, version) };
      if (dryRun) continue;
      if (graphId !== null && (done > 0 || version !== versions[0]))
        await this.graphs.add(caller, graphId, whole);
      else {
        graphId = await this.graphs.create(caller, whole, id);
        if (policy) await this.policies.putForGraph(caller, graphId, policy);
      }
    }
    const action = done > 0 ? 'extended' : 'created';
    return { name: folder, title, action, graphId, versions: versions.length - done, reason: null };
  }

  /** The versions of the caller's graph with this id, oldest first; null if there is no such graph. */
  private async versionsHere(caller: Caller, id: string): Promise<ListedVersion[] | null> {
    try {
      return await this.reader.versions(caller, id);
    } catch (error) {
      if (error instanceof AppError && error.kind === 'not_found') return null;
      throw error;
    }
  }

  private async config(
    { id: owner }: Caller,
    zip: ZipReader,
    folder: string,
    version: ArchivedVersion,
  ): Promise<Buffer> {
    const path = `${folder}/${version.file}`;
    const bytes = await zip.read(path, this.configs.maxBytes);
    if (!bytes) throw new ImportFault(`${path} is missing in the archive.`);
    return this.configs.checked(bytes, path, { owner, sha256: version.sha256 });
  }

  private async json(zip: ZipReader, path: string): Promise<unknown> {
    const bytes = await zip.read(path, MANIFEST_BYTES);
    if (!bytes) throw new ImportFault(`${path} is missing in the archive.`);
    return parseJson(bytes, path);
  }
}

const DIFFERS =
  'A graph with this id is here, with a history that differs. Import the archive into another account, or purge that graph first.';

/** Parses a manifest. Throws ImportFault if it is not JSON. */
export function parseJson(bytes: Buffer, path: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    throw new ImportFault(`${path} is not JSON.`);
  }
}

function hashOf({ config_sha256 }: ListedVersion): string {
  return config_sha256.toString('hex');
}

/** Whether the history here is how the archive's begins. */
function isPrefix(here: readonly ListedVersion[], archived: readonly ArchivedVersion[]): boolean {
  return (
    here.length < archived.length &&
    here.every(
      (version, index) =>
        hashOf(version) === archived[index]?.sha256 &&
        (changeOf(version) === 'deleted') === archived[index]?.deleted,
    )
  );
}
