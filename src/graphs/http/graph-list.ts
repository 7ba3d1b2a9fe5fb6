import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { BackupMarksService } from '../../backups/backup-marks.service';
import type { Caller } from '../../platform/access/caller';
import { AppError } from '../../platform/errors/app-error';
import { DEEP_SKIP, HeavyReads } from '../../platform/fairness/heavy-reads';
import { Answer, type JsonText } from '../../platform/http/answer';
import { decodeCursor, pageHeaders, type Page } from '../../platform/http/pagination';
import { uuidBytes } from '../../platform/ids/uuid';
import { seqsOf, type VaultMarks } from '../../versions/versions.service';
import { statusCode, foldTitle } from '../domain/graph-content';
import type { Graph } from '../domain/graph';
import { NO_SOURCE, SORTS, type GraphFilter } from '../domain/graph-list';
import { GraphHistoryService } from '../graph-history.service';
import { GraphReaderService } from '../graph-reader.service';
import type { ListGraphsQuery } from './graph.queries';
import { GraphView, VersionView } from './graph.views';

/** Most versions per graph that a list includes; `/graphs/{id}/versions` has the whole history. */
const INCLUDED_VERSIONS = 100;

/** Answers `GET /graphs`. */
@Injectable()
export class GraphList {
  constructor(
    private readonly reader: GraphReaderService,
    private readonly history: GraphHistoryService,
    private readonly marks: BackupMarksService,
    private readonly heavy: HeavyReads,
  ) {}

  /**
   * Returns the requested part of the list. With `include` it is streamed, with one graph in memory at a time, and waits
   * for slow readers. Searches, deep lists and streams are heavy reads, for which users take turns.
   */
  async answer(caller: Caller, query: ListGraphsQuery, url: string): Promise<Answer> {
    const sorting = SORTS[query.sort];
    const after = query.after === undefined ? null : decodeCursor(query.after, sorting.kinds);
    const marks = await this.marks.read();
    const filter = filterOf(query, marks);
    const part = { limit: query.limit, skip: query.skip, after };
    const read = () => this.reader.list(caller, filter, sorting, part);
    const isSearch = query.q !== undefined || query.source !== undefined;
    const isHeavy = isSearch || query.skip >= DEEP_SKIP || query.include !== undefined;
    const page = isHeavy ? await this.heavy.run(caller.id, read) : await read();
    const headers = pageHeaders(page, url);
    if (query.include === undefined)
      return new Answer(
        page.items.map((graph) => GraphView.from(graph, marks)),
        headers,
      );
    return new Answer(this.stream(caller, page, query), {
      ...headers,
      'content-type': 'application/json; charset=utf-8',
    });
  }

  private stream(caller: Caller, page: Page<Graph>, query: ListGraphsQuery): Readable {
    const end = this.heavy.beginStream(caller.id);
    return Readable.from(this.texts(caller, page, query), { objectMode: false }).once('close', end);
  }

  private async *texts(
    caller: Caller,
    page: Page<Graph>,
    query: ListGraphsQuery,
  ): AsyncGenerator<Uint8Array> {
    let separator = '[';
    for (const listed of page.items) {
      const text = await this.heavy.inTurn(caller.id, () => this.text(caller, listed, query));
      if (!text) continue;
      yield Buffer.from(separator);
      // Not put together: a copy of a large config takes a millisecond, and memory that has to be collected.
      yield* text.parts;
      separator = ',';
    }
    yield Buffer.from(separator === '[' ? '[]' : ']');
  }

  /** One graph with the requested parts; null if it was purged while the list was being sent. */
  private async text(caller: Caller, listed: Graph, query: ListGraphsQuery): Promise<JsonText | null> {
    try {
      const graph = query.includes('config') ? await this.reader.withConfig(caller, listed) : listed;
      const more = query.includes('versions') ? { versions: await this.versions(caller, listed) } : {};
      return GraphView.text(graph, await this.marks.read(), more);
    } catch (error) {
      if (error instanceof AppError && error.kind === 'not_found') return null;
      throw error;
    }
  }

  private async versions(caller: Caller, graph: Graph): Promise<VersionView[]> {
    const { items } = await this.history.listAny(caller, graph.id, {
      limit: INCLUDED_VERSIONS,
      skip: 0,
      before: null,
    });
    const marks = await this.marks.read();
    return items.map((version) => VersionView.from(version, caller.id, marks));
  }
}

function filterOf(query: ListGraphsQuery, marks: VaultMarks): Omit<GraphFilter, 'now'> {
  const { deleted, status, q, source, backup_status: backup } = query;
  return {
    deleted,
    status: status && statusCode(status),
    titlePart: q === undefined ? undefined : foldTitle(q),
    seq: backup && seqsOf(backup, marks),
    source: source === undefined || source === NO_SOURCE ? source : uuidBytes(source),
  };
}
