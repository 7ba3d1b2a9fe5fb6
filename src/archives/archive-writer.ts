import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Graph } from '../graphs/domain/graph';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { toIso } from '../platform/clock/instant';
import { AppError } from '../platform/errors/app-error';
import { PoliciesService } from '../retention/policies.service';
import { FilesByHash } from './domain/files-by-hash';
import { folderOf } from './domain/file-names';
import {
  ARCHIVE_FORMAT,
  ARCHIVE_FORMAT_VERSION,
  GRAPH_MANIFEST,
  MANIFEST,
  type ArchiveManifest,
} from './domain/manifest';
import { ExportReader } from './export-reader';
import { graphManifest, manifestVersion } from './manifests';
import { ZipStream } from './zip-stream';

/** Writes graphs with all their versions and policies into a zip archive; one config is in memory at a time. */
@Injectable()
export class ArchiveWriter {
  constructor(
    private readonly reader: ExportReader,
    private readonly policies: PoliciesService,
    private readonly clock: Clock,
  ) {}

  /** An archive of `graphs`. `whole`: they are the whole account, whose policy goes along. */
  write(caller: Caller, graphs: AsyncIterable<Graph> | Iterable<Graph>, whole: boolean): Readable {
    const zip = new ZipStream();
    // A failure half-way ends the answer without the archive's directory, so no reader takes it for a whole one.
    this.fill(zip, caller, graphs, whole).catch((error: Error) => zip.output.destroy(error));
    return zip.output;
  }

  private async fill(
    zip: ZipStream,
    caller: Caller,
    graphs: AsyncIterable<Graph> | Iterable<Graph>,
    whole: boolean,
  ): Promise<void> {
    const now = this.clock.now();
    const manifest: ArchiveManifest = {
      format: ARCHIVE_FORMAT,
      format_version: ARCHIVE_FORMAT_VERSION,
      exported_at: toIso(now),
      policy: whole ? await this.policies.ownPart(caller, null) : null,
      graphs: [],
    };
    for await (const graph of graphs) {
      const folder = folderOf(graph.title, graph.id);
      const versions = await this.addGraph(zip, caller, graph, folder).catch(noneIfPurged);
      if (versions > 0) manifest.graphs.push({ id: graph.id, title: graph.title, folder, versions });
    }
    await zip.add(MANIFEST, jsonFile(manifest), now);
    zip.end();
  }

  /** Adds one graph and returns how many versions it has. */
  private async addGraph(zip: ZipStream, caller: Caller, graph: Graph, folder: string): Promise<number> {
    const files = new FilesByHash();
    const versions = [];
    for (const version of await this.reader.versions(caller, graph.id)) {
      const { file, isNew } = files.of(version);
      if (isNew) {
        const config = await this.reader.config(caller, graph.id, version);
        if (!config) continue;
        await zip.add(`${folder}/${file}`, config, version.created_at);
        files.add(version, file);
      }
      versions.push(manifestVersion(version, file));
    }
    if (versions.length === 0) return 0;
    const content = graphManifest(graph, await this.policies.ownPart(caller, graph.id), versions);
    await zip.add(`${folder}/${GRAPH_MANIFEST}`, jsonFile(content), graph.updatedAt);
    return versions.length;
  }
}

/** A graph that is purged while the export is running has no versions. */
function noneIfPurged(error: unknown): number {
  if (error instanceof AppError && error.kind === 'not_found') return 0;
  throw error;
}

function jsonFile(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
