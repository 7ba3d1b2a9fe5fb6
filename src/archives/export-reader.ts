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
const GRAPHS = 200;
const VERSIONS = 500;

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

  /** All versions of a graph, oldest first, without their configs. */
  async versions(caller: Caller, id: string): Promise<ListedVersion[]> {
    const versions: ListedVersion[] = [];
    let before: number | null = null;
    do {
      const page = await this.page(caller, id, before);
      versions.push(...page.items);
      before = page.next === null ? null : (page.items.at(-1)?.version ?? null);
    } while (before !== null);
    return versions.reverse();
  }

  /** The config of a listed version; null if it was pruned while the export was running. */
  async config(caller: Caller, id: string, version: ListedVersion): Promise<Buffer | null> {
    try {
      return await this.heavy.inTurn(caller.id, () => this.history.configOfAny(caller, id, version));
    } catch (error) {
      if (error instanceof AppError && error.kind === 'not_found') return null;
      throw error;
    }
  }

  private page(caller: Caller, id: string, before: number | null): Promise<Page<ListedVersion>> {
    return this.heavy.inTurn(caller.id, () =>
      this.history.listAny(caller, id, { limit: VERSIONS, skip: 0, before }),
    );
  }
}
