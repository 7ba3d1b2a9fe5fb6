import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService, type Action } from '../audit/journal.service';
import {
  FIRST_VERSION,
  VersionsService,
  type Change,
  type Config,
  type PreparedVersion,
  type VersionFacts,
} from '../backups/versions/versions.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError, notFound, unavailable } from '../platform/errors/app-error';
import { graphEtag, matchesEtag } from '../platform/http/etag';
import { uuidBytes, uuidv7 } from '../platform/ids/uuid';
import { graphOf, type Graph } from './domain/graph';
import { foldTitle, statusCode, type GraphChange } from './domain/graph-content';
import type { GraphRow } from './domain/graph.entity';
import { GraphQueue } from './graph-queue';
import { LostRace, undefinedOnLostRace } from './lost-race';
import { GraphReader, headOf, refOf } from './graph-reader.service';
import { GraphsStore } from './graphs.store';

const DAY_MS = 86_400_000;
/** Lost races in a row before a change gives up; only other replicas can win them, see GraphQueue. */
const ATTEMPTS = 50;
const EMPTY_CONFIG = Buffer.from('{}');

const ACTIONS: Readonly<Record<Change, Action>> = {
  created: 'graph.created',
  updated: 'graph.updated',
  deleted: 'graph.deleted',
  recovered: 'graph.recovered',
  restored: 'graph.restored',
  imported: 'graph.imported',
};

/** What a graph is to become. */
interface Next {
  change: Change;
  title: string;
  description: string | null;
  status: number;
  /** Null: the config stays as it is. */
  config: Config | null;
  deletedAt: number | null;
  purgeAt: number | null;
  restoredFrom: number | null;
}

/** Decides from the present row what it becomes at `now` (ms); null when nothing changes. Throws to refuse. */
type Decide = (row: GraphRow, now: number) => Next | null;

/** A graph with a required title. */
export type NewGraph = GraphChange & { title: string };

/** Changes graphs. Each change is one version and one journal event in one transaction. */
@Injectable()
export class GraphsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: GraphsStore,
    private readonly reader: GraphReader,
    private readonly versions: VersionsService,
    private readonly journal: JournalService,
    private readonly queue: GraphQueue,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /** Makes a graph and its first version. */
  async create(caller: Caller, content: NewGraph): Promise<Graph> {
    const now = this.clock.now();
    const id = uuidv7(now);
    const config = await this.versions.digest(content.config ?? EMPTY_CONFIG);
    const prepared = await this.versions.prepareFirst(
      { userKey: caller.key, userId: caller.id, graphId: id },
      config,
    );
    const first = firstRow(caller, id, content, prepared, now);
    const row = await this.unitOfWork.write(async (em) => {
      const seq = await this.note(em, caller, 'created', id, FIRST_VERSION, now);
      const made: GraphRow = { ...first, key: seq, seq };
      await this.store.insert(em, made);
      await this.versions.append(em, refOf(made, caller.id), prepared, factsOf(made, 'created', null, true));
      return made;
    });
    return graphOf(row, caller.id, prepared.config);
  }

  /** Changes the fields that are given; nothing happens when none differs. 412 when `ifMatch` names another state. */
  async update(caller: Caller, id: string, change: GraphChange, ifMatch?: string): Promise<Graph> {
    const config = change.config && (await this.versions.digest(change.config));
    return this.change(caller, id, (row) => {
      if (row.deleted_at !== null) throw notFound('graph');
      requireMatch(row, ifMatch);
      return updated(row, change, config);
    });
  }

  /** Puts a graph into the bin. */
  remove(caller: Caller, id: string, ifMatch?: string): Promise<Graph> {
    const keepFor = this.config.get('DELETED_RETENTION_DAYS') * DAY_MS;
    return this.change(caller, id, (row, now) => {
      if (row.deleted_at !== null) throw notFound('graph');
      requireMatch(row, ifMatch);
      return { ...same(row), change: 'deleted', deletedAt: now, purgeAt: now + keepFor };
    });
  }

  /** Takes a graph out of the bin; 409 when it is not there. */
  recover(caller: Caller, id: string): Promise<Graph> {
    return this.change(caller, id, (row) => {
      if (row.deleted_at === null)
        throw new AppError(
          'conflict',
          'not-deleted',
          'This graph is not deleted; there is nothing to recover.',
        );
      return { ...same(row), change: 'recovered', deletedAt: null, purgeAt: null };
    });
  }

  /** One change of one graph: read, decide, encode, compare and set; over again when somebody else was faster. */
  private change(caller: Caller, id: string, decide: Decide): Promise<Graph> {
    return this.queue.run(caller.key, id, async () => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const row = await this.reader.row(caller, id);
        // Never before the graph's last change: a clock set back must not put versions out of order.
        const now = Math.max(this.clock.now(), row.updated_at);
        const next = decide(row, now);
        if (!next)
          return graphOf(row, caller.id, await this.versions.readHead(refOf(row, caller.id), headOf(row)));
        const written = await this.writeVersion(caller, row, next, now);
        if (written) return written;
      }
      throw unavailable('graph');
    });
  }

  /** Writes the next version if the row is still as it was read; undefined when it is not. */
  private async writeVersion(
    caller: Caller,
    row: GraphRow,
    next: Next,
    now: number,
  ): Promise<Graph | undefined> {
    const ref = refOf(row, caller.id);
    const prepared = await this.versions.prepareNext(ref, headOf(row), next.config);
    const changed = nextRow(row, next, prepared, now);
    const textsChanged = changed.text_version === changed.version;
    const written = await this.unitOfWork
      .write(async (em) => {
        const seq = await this.note(
          em,
          caller,
          next.change,
          ref.graphId,
          changed.version,
          changed.updated_at,
        );
        const replaced: GraphRow = { ...changed, seq };
        if (!(await this.store.replace(em, replaced, row.seq))) throw new LostRace();
        await this.versions.append(
          em,
          ref,
          prepared,
          factsOf(replaced, next.change, next.restoredFrom, textsChanged),
        );
        return replaced;
      })
      .catch(undefinedOnLostRace);
    return written && graphOf(written, caller.id, prepared.config);
  }

  private note(
    em: EntityManager,
    caller: Caller,
    change: Change,
    id: string,
    version: number,
    at: number,
  ): Promise<number> {
    const { key, origin } = caller;
    return this.journal.append(em, {
      action: ACTIONS[change],
      at,
      userKey: key,
      actorKey: key,
      subjectId: id,
      version,
      origin,
    });
  }
}

function requireMatch(row: GraphRow, ifMatch: string | undefined): void {
  if (
    ifMatch === undefined ||
    matchesEtag(ifMatch, graphEtag(row.version, row.config_sha256.toString('hex')))
  )
    return;
  throw new AppError(
    'stale',
    'stale-version',
    `The graph has changed since: it is at version ${row.version} now. Read it again, then repeat your change on it.`,
  );
}

function same(row: GraphRow): Omit<Next, 'change'> {
  const { title, description, status, deleted_at, purge_at } = row;
  return {
    title,
    description,
    status,
    config: null,
    deletedAt: deleted_at,
    purgeAt: purge_at,
    restoredFrom: null,
  };
}

function updated(row: GraphRow, change: GraphChange, config: Config | undefined): Next | null {
  const title = change.title ?? row.title;
  const description = change.description === undefined ? row.description : change.description;
  const status = change.status === undefined ? row.status : statusCode(change.status);
  const newConfig = config && !config.sha256.equals(row.config_sha256) ? config : null;
  const unchanged =
    !newConfig && title === row.title && description === row.description && status === row.status;
  return unchanged
    ? null
    : { ...same(row), change: 'updated', title, description, status, config: newConfig };
}

function firstRow(
  caller: Caller,
  id: string,
  content: NewGraph,
  prepared: PreparedVersion,
  now: number,
): Omit<GraphRow, 'key' | 'seq'> {
  return {
    user_key: caller.key,
    id: uuidBytes(id),
    status: statusCode(content.status ?? 'draft'),
    text_version: FIRST_VERSION,
    created_at: now,
    updated_at: now,
    deleted_at: null,
    purge_at: null,
    title: content.title,
    title_folded: foldTitle(content.title),
    description: content.description ?? null,
    ...headColumns(prepared),
  };
}

function nextRow(row: GraphRow, next: Next, prepared: PreparedVersion, now: number): GraphRow {
  const textsChanged = next.title !== row.title || next.description !== row.description;
  return {
    ...row,
    status: next.status,
    text_version: textsChanged ? prepared.head.version : row.text_version,
    updated_at: now,
    deleted_at: next.deletedAt,
    purge_at: next.purgeAt,
    title: next.title,
    title_folded: foldTitle(next.title),
    description: next.description,
    ...headColumns(prepared),
  };
}

function headColumns({ head }: PreparedVersion) {
  return {
    version: head.version,
    config_bytes: head.configBytes,
    config_sha256: head.configSha256,
    anchor_version: head.chain.anchor,
    anchors: head.chain.anchors,
    since_anchor: head.chain.since,
    head: head.sealed,
  };
}

function factsOf(
  row: GraphRow,
  change: Change,
  restoredFrom: number | null,
  textsChanged: boolean,
): VersionFacts {
  const { status, text_version, updated_at, seq, title, description } = row;
  const texts = textsChanged ? { title, description } : null;
  return { change, status, textVersion: text_version, texts, createdAt: updated_at, restoredFrom, seq };
}
