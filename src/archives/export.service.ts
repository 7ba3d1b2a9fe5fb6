import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { AccountsService } from '../auth/accounts.service';
import type { Graph } from '../graphs/domain/graph';
import type { Caller } from '../platform/access/caller';
import { HeavyReads } from '../platform/fairness/heavy-reads';
import { changeOf } from '../versions/versions.service';
import { ArchiveWriter } from './archive-writer';
import { STREAM_BEGIN, STREAM_END, commitOf, type GitAuthor } from './domain/fast-import';
import { nameOfTitle } from './domain/file-names';
import { ExportEvents } from './export-events';
import { ExportReader } from './export-reader';

/** An export: its bytes while they are read from the database, and the name of the file without its ending. */
export interface Export {
  name: string;
  bytes: Readable;
}

/** Exports accounts and graphs. Memory does not grow with what is exported. */
@Injectable()
export class ExportService {
  constructor(
    private readonly reader: ExportReader,
    private readonly archives: ArchiveWriter,
    private readonly events: ExportEvents,
    private readonly accounts: AccountsService,
    private readonly heavy: HeavyReads,
  ) {}

  /** All graphs of the caller with all their versions, the trash included, as a zip archive. */
  async accountZip(caller: Caller): Promise<Export> {
    const end = this.heavy.beginStream(caller.id, 'exports');
    await this.events.record(caller, 'zip').catch(ended(end));
    const bytes = this.archives.write(caller, this.reader.allGraphs(caller), true).once('close', end);
    return { name: 'graphs', bytes };
  }

  /** One graph with all its versions as a zip archive; 404 if there is no such graph. */
  async graphZip(caller: Caller, id: string): Promise<Export> {
    const graph = await this.reader.graph(caller, id);
    const end = this.heavy.beginStream(caller.id, 'exports');
    await this.events.record(caller, 'zip', id).catch(ended(end));
    const bytes = this.archives.write(caller, [graph], false).once('close', end);
    return { name: nameOfTitle(graph.title), bytes };
  }

  /** The history of one graph as a stream for `git fast-import`; 404 if there is no such graph. */
  async graphGit(caller: Caller, id: string): Promise<Export> {
    const graph = await this.reader.graph(caller, id);
    const { email } = await this.accounts.find(caller.id);
    const end = this.heavy.beginStream(caller.id, 'exports');
    await this.events.record(caller, 'git', id).catch(ended(end));
    const commits = this.commits(caller, graph, { name: email, email });
    const bytes = Readable.from(commits, { objectMode: false }).once('close', end);
    return { name: nameOfTitle(graph.title), bytes };
  }

  private async *commits(caller: Caller, graph: Graph, author: GitAuthor): AsyncGenerator<Uint8Array> {
    yield STREAM_BEGIN;
    const history = await this.reader.historyOf(caller, graph.id);
    for (const version of history.versions) {
      const change = changeOf(version);
      const config = change === 'deleted' ? null : await history.config(version);
      // Pruned since the list was read.
      if (!config && change !== 'deleted') continue;
      yield* commitOf({ ...version, change, config }, `${nameOfTitle(version.title)}.json`, author);
    }
    yield STREAM_END;
  }
}

/** Frees the stream's place when the export fails before it begins. */
function ended(end: () => void): (error: unknown) => never {
  return (error) => {
    end();
    throw error;
  };
}
