import { Injectable } from '@nestjs/common';
import { graphOf, type Graph } from '../graphs/domain/graph';
import { SORTS } from '../graphs/domain/graph-list';
import { GraphHistoryService } from '../graphs/graph-history.service';
import { GraphReaderService } from '../graphs/graph-reader.service';
import type { Caller } from '../platform/access/caller';
import { AppError } from '../platform/errors/app-error';
import { HeavyReads } from '../platform/fairness/heavy-reads';
import { decodeCursor, type Page } from '../platform/http/pagination';
import type { ListedVersion } from '../versions/versions.service';

/** Graphs and versions listed at a time. */
const GRAPHS = 50;
const VERSIONS = 500;

/** All kept versions of a graph, oldest first. */
export interface ExportedHistory {
  versions: ListedVersion[];
  /** The config of a version; null if it was pruned while the export was running. */
  config(version: ListedVersion): Promise<Buffer | null>;
}

/** Reads graphs and their histories for an export. Each read waits for the caller's turn among heavy reads. */
@Injectable()
export class ExportReader {
  constructor(
    private readonly graphs: GraphReaderService,
    private readonly history: GraphHistoryService,
    private readonly heavy: HeavyReads,
  ) {}

  /** A graph of the caller, also in the trash; else 404. */
  async graph(caller: Caller, id: string): Promise<Graph> {
    return graphOf(await this.graphs.row(caller, id), caller.id);
  }

  /** All graphs of the caller in the order of their creation, the trash included. */
  async *allGraphs(caller: Caller): AsyncGenerator<Graph> {
    const { kinds } = SORTS.created_at;
    for (let after: Array<string | number> | null = null; ;) {
      const part = { limit: GRAPHS, skip: 0, after };
      const page = await this.heavy.inTurn(caller.id, () =>
        this.graphs.list(caller, { deleted: 'include' }, SORTS.created_at, part),
      );
      yield* page.items;
      if (page.next === null) return;
      after = decodeCursor(page.next, kinds);
    }
  }

  /** The versions of a graph, and how to read their configs; 404 if there is no such graph. */
  async historyOf(caller: Caller, id: string): Promise<ExportedHistory> {
    const ref = await this.history.refOfAny(caller, id);
    const versions: ListedVersion[] = [];
    let before: number | null = null;
    do {
      const part = { limit: VERSIONS, skip: 0, before };
      const page: Page<ListedVersion> = await this.heavy.inTurn(caller.id, () =>
        this.history.listRef(ref, part),
      );
      versions.push(...page.items);
      before = page.next === null ? null : (page.items.at(-1)?.version ?? null);
    } while (before !== null);
    const config = (version: ListedVersion) =>
      this.heavy.inTurn(caller.id, () => nullIfGone(this.history.configOf(ref, version)));
    return { versions: versions.reverse(), config };
  }
}

/** Null for what was pruned or purged since it was listed. */
export async function nullIfGone<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof AppError && error.kind === 'not_found') return null;
    throw error;
  }
}
