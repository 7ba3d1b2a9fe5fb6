import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { changeOf, type ListedVersion } from '../versions/versions.service';
import { statusName } from '../graphs/domain/graph-content';
import { ArchiveParser } from './archive-parser';
import { ConfigChecker } from './config-checker';
import type { HistoryState } from './domain/continuation';
import { ImportFault } from './domain/import-fault';
import { GRAPH_MANIFEST, MANIFEST } from './domain/manifest';
import type {
  ArchivedGraph,
  ArchivedHistory,
  ArchivedManifest,
  ArchivedVersion,
} from './domain/parse-manifest';
import { ExportReader, nullIfGone } from './export-reader';
import type { ZipReader } from './zip-reader';

/** A manifest: 100,000 versions of a graph fit. Bytes. */
const MANIFEST_BYTES = 64 * 1024 * 1024;

/** Reads the files of an archive, and what is here of its graphs. Throws ImportFault for a file that is not as it must be. */
@Injectable()
export class ArchiveReader {
  constructor(
    private readonly parser: ArchiveParser,
    private readonly configs: ConfigChecker,
    private readonly exports: ExportReader,
  ) {}

  /** The archive's manifest; null if no export of ours wrote it. */
  async manifest(zip: ZipReader): Promise<ArchivedManifest | null> {
    const bytes = await zip.read(MANIFEST, MANIFEST_BYTES);
    return bytes && this.parser.manifest(bytes, MANIFEST);
  }

  async history(zip: ZipReader, { folder }: ArchivedGraph): Promise<ArchivedHistory> {
    const path = `${folder}/${GRAPH_MANIFEST}`;
    return this.parser.history(present(await zip.read(path, MANIFEST_BYTES), path), path);
  }

  async config(
    { id: owner }: Caller,
    zip: ZipReader,
    { folder }: ArchivedGraph,
    { file, sha256 }: ArchivedVersion,
  ): Promise<Buffer> {
    const path = `${folder}/${file}`;
    return this.configs.checked(present(await zip.read(path, this.configs.maxBytes), path), path, {
      owner,
      sha256,
    });
  }

  /** The versions of the caller's graph with this id, oldest first; null if there is no such graph. */
  async statesHere(caller: Caller, id: string): Promise<HistoryState[] | null> {
    const history = await nullIfGone(this.exports.historyOf(caller, id));
    return history && history.versions.map(stateOf);
  }
}

function present(bytes: Buffer | null, path: string): Buffer {
  if (!bytes) throw new ImportFault(`${path} is missing in the archive.`);
  return bytes;
}

function stateOf(version: ListedVersion): HistoryState {
  return {
    sha256: version.config_sha256.toString('hex'),
    deleted: changeOf(version) === 'deleted',
    title: version.title,
    description: version.description,
    status: statusName(version.status),
  };
}
