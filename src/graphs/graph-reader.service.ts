import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { VersionsService, type GraphRef, type Head } from '../versions/versions.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { notFound } from '../platform/errors/app-error';
import { EventListeners } from '../platform/events/event-listeners';
import { HeavyReads } from '../platform/fairness/heavy-reads';
import { encodeCursor, totalOf, type Page } from '../platform/http/pagination';
import { isUuid, uuidBytes, uuidText } from '../platform/ids/uuid';
import { graphOf, type Graph } from './domain/graph';
import type { GraphSource } from './domain/graph-source';
import type { GraphInfoRow, GraphRow } from './domain/graph.entity';
import type { GraphFilter, Sorting } from './domain/graph-list';
import { OnGraphsRead, type GraphsReadListener } from './on-graphs-read.decorator';
import { GraphsStore, type LightGraphRow, type PartRequest } from './graphs.store';

/**
 * Documents of these sizes take the answering thread milliseconds each, bytes. Larger ones are decoded by worker threads,
 * which have a queue of their own.
 */
const HEAVY_FROM = 256 * 1024;
const HEAVY_UP_TO = 1024 * 1024;

/** Reads graphs as they are now. A graph of another user is treated as missing. */
@Injectable()
export class GraphReaderService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: GraphsStore,
    private readonly versions: VersionsService,
    private readonly clock: Clock,
    private readonly heavy: HeavyReads,
    private readonly listeners: EventListeners,
  ) {}

  /** Returns a graph with its config; 404 if it is in the trash. */
  async get(caller: Caller, id: string): Promise<Graph> {
    const read = (em: EntityManager, key: Buffer) =>
      this.store.findWithSmallHead(em, caller.key, key, HEAVY_FROM);
    const row = undeleted(this.shown(await this.find(id, read)));
    const graph = await (hasHead(row) ? this.whole(caller, row) : this.large(caller, row));
    const source = await this.sourceOf(caller, graph.id);
    return source ? { ...graph, source } : graph;
  }

  /** Returns a listed graph as it is now, with its config, also from the trash. */
  async withConfig(caller: Caller, { id }: Graph): Promise<Graph> {
    return this.whole(caller, await this.row(caller, id));
  }

  /**
   * Returns the graph of a row that was just read, with its config. If another request changed and pruned the graph
   * in the meantime, so that the row's version no longer exists, returns the graph as it is now.
   */
  async whole(caller: Caller, row: GraphRow): Promise<Graph> {
    const ref = refOf(row, caller.id);
    const config = await this.versions.readHead(ref, headOf(row));
    if (config) return graphOf(row, caller.id, config);
    const again = await this.row(caller, ref.graphId);
    return again.seq === row.seq ? this.versions.missing(ref, row.version) : this.whole(caller, again);
  }

  /** Returns the row of a graph of the caller, also from the trash; 404 if its time in the trash is over. */
  async row(caller: Caller, id: string): Promise<GraphRow> {
    return this.shown(await this.find(id, (em, key) => this.store.find(em, caller.key, key)));
  }

  /** The same without the row's bytes, which may be megabytes. */
  async info(caller: Caller, id: string): Promise<GraphInfoRow> {
    return this.shown(await this.find(id, (em, key) => this.store.findInfo(em, caller.key, key)));
  }

  /** Whether a graph of the caller has this UUID, also one whose time in the trash is over. */
  async isTaken({ key }: Caller, id: string): Promise<boolean> {
    return (await this.unitOfWork.read((em) => this.store.find(em, key, uuidBytes(id)))) !== undefined;
  }

  /** Lists part of the caller's graphs, without configs. */
  async list(
    caller: Caller,
    filter: Omit<GraphFilter, 'now'>,
    sorting: Sorting,
    part: PartRequest,
  ): Promise<Page<Graph>> {
    const whole = { ...filter, now: this.clock.now() };
    const { rows, total } = await this.unitOfWork.read(async (em) => {
      const request = { ...part, limit: part.limit + 1 };
      const rows = await this.store.list(em, caller.key, whole, sorting, request);
      const count = (upTo: number) => this.store.count(em, caller.key, whole, upTo);
      return { rows, total: await totalOf(part, rows.length, count) };
    });
    const shown = rows.slice(0, part.limit);
    const last = shown.at(-1);
    const next = rows.length > part.limit && last ? encodeCursor(sorting.cursorOf(last)) : null;
    const items = shown.map((row) => graphOf(row, caller.id));
    return { items: await this.withSources(caller, items), total, next };
  }

  /** The source that fills a graph of the caller; undefined for none. */
  async sourceOf(caller: Caller, graphId: string): Promise<GraphSource | undefined> {
    const [listener] = this.listeners.of<GraphsReadListener>(OnGraphsRead);
    return (await listener?.(caller, [graphId]))?.get(graphId);
  }

  /** The row's bytes too are only read in the user's turn: a server sends them, and this thread takes them in. */
  private async large(caller: Caller, { id, config_bytes }: GraphInfoRow): Promise<Graph> {
    const read = async () => undeleted(await this.row(caller, uuidText(id)));
    if (config_bytes > HEAVY_UP_TO) return this.whole(caller, await this.heavy.inTurn(caller.id, read));
    return this.heavy.inTurn(caller.id, async () => this.whole(caller, await read()));
  }

  private async find<Row>(id: string, read: (em: EntityManager, id: Buffer) => Promise<Row | undefined>) {
    return isUuid(id) ? this.unitOfWork.readQuickly((em) => read(em, uuidBytes(id))) : undefined;
  }

  /** 404 if there is no such graph, or its time in the trash is over. */
  private shown<Row extends GraphInfoRow>(row: Row | undefined): Row {
    if (!row || (row.purge_at !== null && row.purge_at <= this.clock.now())) throw notFound('graph');
    return row;
  }

  /** Adds the sources that fill the graphs; only features above know them. */
  private async withSources(caller: Caller, graphs: Graph[]): Promise<Graph[]> {
    const [listener] = this.listeners.of<GraphsReadListener>(OnGraphsRead);
    if (!listener || graphs.length === 0) return graphs;
    const sources = await listener(
      caller,
      graphs.map(({ id }) => id),
    );
    if (sources.size === 0) return graphs;
    return graphs.map((graph) => {
      const source = sources.get(graph.id);
      return source ? { ...graph, source } : graph;
    });
  }
}

function hasHead(row: LightGraphRow): row is GraphRow {
  return row.head !== null;
}

function undeleted<Row extends GraphInfoRow>(row: Row): Row {
  if (row.deleted_at !== null) throw notFound('graph');
  return row;
}

/** What the version store needs to know about a graph. */
export function refOf(row: GraphInfoRow, userId: string): GraphRef {
  return { userKey: row.user_key, userId, graphKey: row.key, graphId: uuidText(row.id) };
}

/** The columns of a graph's row that belong to the version store. */
export function headOf(row: GraphRow): Head {
  return {
    version: row.version,
    configBytes: row.config_bytes,
    configSha256: row.config_sha256,
    chain: { anchor: row.anchor_version, anchors: row.anchors, since: row.since_anchor },
    sealed: row.head,
  };
}
