import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Graph } from '../graphs/domain/graph';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { toIso } from '../platform/clock/instant';
import { PoliciesService } from '../retention/policies.service';
import { FilesByHash } from './domain/files-by-hash';
import { folderOf } from './domain/file-names';
import { GRAPH_MANIFEST, MANIFEST, type ManifestVersion } from './domain/manifest';
import { ManifestText } from './domain/manifest-text';
import { ExportReader, nullIfGone } from './export-reader';
import { graphManifest, manifestVersion } from './manifests';
import { zipOf, type ZipFile } from './zip-stream';

/** Writes graphs with all their versions and policies into a zip archive; a few configs are in memory at a time. */
@Injectable()
export class ArchiveWriter {
  constructor(
    private readonly reader: ExportReader,
    private readonly policies: PoliciesService,
    private readonly clock: Clock,
  ) {}

  /**
   * An archive of `graphs`. `whole`: they are the whole account, whose policy goes along. A failure half-way ends the
   * bytes without the archive's directory, so no reader takes it for a whole one.
   */
  write(caller: Caller, graphs: AsyncIterable<Graph> | Iterable<Graph>, whole: boolean): Readable {
    return Readable.from(zipOf(this.files(caller, graphs, whole)), { objectMode: false });
  }

  private async *files(
    caller: Caller,
    graphs: AsyncIterable<Graph> | Iterable<Graph>,
    whole: boolean,
  ): AsyncGenerator<ZipFile> {
    const now = this.clock.now();
    const policy = whole ? await this.policies.ownPart(caller, null) : null;
    const manifest = new ManifestText(toIso(now), policy);
    for await (const graph of graphs) {
      const folder = folderOf(graph.title, graph.id);
      const versions = yield* this.filesOf(caller, graph, folder);
      if (versions > 0) manifest.add({ id: graph.id, title: graph.title, folder, versions });
    }
    yield { path: MANIFEST, parts: manifest.end(), at: now };
  }

  /** The files of one graph; returns how many versions it has, none if it was purged since it was listed. */
  private async *filesOf(caller: Caller, graph: Graph, folder: string): AsyncGenerator<ZipFile, number> {
    const history = await nullIfGone(this.reader.historyOf(caller, graph.id));
    if (!history) return 0;
    const files = new FilesByHash();
    const versions: ManifestVersion[] = [];
    for (const version of history.versions) {
      const { file, isNew } = files.of(version);
      if (isNew) {
        const bytes = await history.config(version);
        if (!bytes) continue;
        yield { path: `${folder}/${file}`, parts: [bytes], at: version.created_at };
        files.add(version, file);
      }
      versions.push(manifestVersion(version, file));
    }
    if (versions.length === 0) return 0;
    const policy = this.policies.ownPart(caller, graph.id);
    const content = await nullIfGone(policy.then((own) => graphManifest(graph, own, versions)));
    if (!content) return 0;
    yield { path: `${folder}/${GRAPH_MANIFEST}`, parts: [jsonFile(content)], at: graph.updatedAt };
    return versions.length;
  }
}

function jsonFile(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
