import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService, type Action } from '../audit/journal.service';
import {
  FIRST_VERSION,
  VersionsService,
  type Change,
  type Config,
  type GraphRef,
  type PreparedVersion,
  type VersionFacts,
} from '../versions/versions.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { unavailable } from '../platform/errors/app-error';
import { uuidBytes, uuidv7 } from '../platform/ids/uuid';
import { graphOf, type Graph } from './domain/graph';
import { foldTitle, statusCode, type NewGraph } from './domain/graph-content';
import type { GraphRow } from './domain/graph.entity';
import { GraphQueue } from './graph-queue';
import { GraphReaderService, headOf, refOf } from './graph-reader.service';
import { QuotaService } from '../usage/quota.service';
import { GraphsStore } from './graphs.store';
import { ConcurrentChangeError, undefinedOnConcurrentChange } from './domain/concurrent-change.error';

/** Lost races in a row before work on a graph gives up; only other replicas can win them, see GraphQueue. */
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

/** Whether a full quota refuses the change. Deleting, and taking back what was deleted, must go on. */
const REFUSED: Readonly<Record<Change, boolean>> = {
  created: true,
  updated: true,
  deleted: false,
  recovered: false,
  restored: true,
  imported: true,
};

/** What a graph is to become. */
export interface Next {
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
export type Decide = (row: GraphRow, now: number) => Next | null | Promise<Next | null>;

/** A change that is encoded and sealed, ready to be written if the graph's row still has `expectedSeq`. */
export interface PlannedChange {
  ref: GraphRef;
  prepared: PreparedVersion;
  change: Change;
  restoredFrom: number | null;
  /** The row as it will be, but for its seq. */
  row: GraphRow;
  expectedSeq: number;
}

/** Work that goes into the same transaction as a change. */
export type InSameTransaction = (em: EntityManager, graphId: string) => Promise<void>;

/** Writes versions: each change is one version, one journal event and the graph's row, in one transaction. */
@Injectable()
export class GraphWriterService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: GraphsStore,
    private readonly reader: GraphReaderService,
    private readonly versions: VersionsService,
    private readonly journal: JournalService,
    private readonly queue: GraphQueue,
    private readonly quota: QuotaService,
    private readonly clock: Clock,
  ) {}

  /** Makes a graph and its first version. `also` runs in the same transaction; if it throws, no graph is created. */
  async create(caller: Caller, content: NewGraph, also?: InSameTransaction): Promise<Graph> {
    const now = this.clock.now();
    const id = uuidv7(now);
    const config = await this.versions.digest(content.config ?? EMPTY_CONFIG);
    const prepared = await this.versions.prepareFirst(
      { userKey: caller.key, userId: caller.id, graphId: id },
      config,
    );
    const first = firstRow(caller, id, content, prepared, now);
    const row = await this.quota.reserve(caller.key, config.bytes.length, true, () =>
      this.unitOfWork.write(async (em) => {
        await also?.(em, id);
        const seq = await this.note(em, caller, 'created', id, FIRST_VERSION, now);
        const made: GraphRow = { ...first, key: seq, seq };
        await this.store.insert(em, made);
        await this.versions.append(
          em,
          refOf(made, caller.id),
          prepared,
          factsOf(made, 'created', null, true, null),
        );
        return made;
      }),
    );
    return graphOf(row, caller.id, prepared.config ?? undefined);
  }

  /** One change of one graph: read, decide, encode, compare and set. */
  change(caller: Caller, id: string, decide: Decide): Promise<Graph> {
    return this.exclusively(caller, id, async (row) => {
      // Never before the graph's last change: a clock set back must not put versions out of order.
      const now = Math.max(this.clock.now(), row.updated_at);
      const next = await decide(row, now);
      if (next) return this.writeVersion(caller, row, next, now);
      return this.reader.whole(caller, row);
    });
  }

  /**
   * Runs work on a graph's present row, after all earlier changes of the graph in this process, and over again
   * with the new row when it throws ConcurrentChangeError because somebody else was faster.
   */
  exclusively<T>(caller: Caller, id: string, work: (row: GraphRow) => Promise<T>): Promise<T> {
    return this.queue.run(caller.key, id, async () => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const done = await work(await this.reader.row(caller, id)).catch(undefinedOnConcurrentChange);
        if (done !== undefined) return done;
      }
      throw unavailable('graph');
    });
  }

  /** Encodes and seals what a graph is to become; nothing is written yet. `now` is the version's time, ms. */
  async plan(caller: Caller, row: GraphRow, next: Next, now: number): Promise<PlannedChange> {
    const ref = refOf(row, caller.id);
    const prepared = await this.versions.prepareNext(ref, headOf(row), next.config);
    const { change, restoredFrom } = next;
    return {
      ref,
      prepared,
      change,
      restoredFrom,
      row: nextRow(row, next, prepared, now),
      expectedSeq: row.seq,
    };
  }

  /** Writes the next version. Throws ConcurrentChangeError when the row is not as it was read. */
  private async writeVersion(caller: Caller, present: GraphRow, next: Next, now: number): Promise<Graph> {
    const { ref, prepared, change, restoredFrom, row, expectedSeq } = await this.plan(
      caller,
      present,
      next,
      now,
    );
    const written = await this.quota.reserve(caller.key, row.config_bytes, REFUSED[change], () =>
      this.unitOfWork.write(async (em) => {
        const seq = await this.note(em, caller, change, ref.graphId, row.version, now);
        const replaced: GraphRow = { ...row, seq };
        if (!(await this.store.replace(em, replaced, expectedSeq))) throw new ConcurrentChangeError();
        const textsChanged = row.text_version === row.version;
        const facts = factsOf(replaced, change, restoredFrom, textsChanged, present.head.length);
        await this.versions.append(em, ref, prepared, facts);
        return replaced;
      }),
    );
    return graphOf(written, caller.id, prepared.config ?? undefined);
  }

  /** Notes a change in the journal inside the caller's transaction; returns the event's number. */
  note(
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

/** The graph as it is: what a change leaves alone. */
export function unchangedFields(row: GraphRow): Omit<Next, 'change'> {
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
    prune_due_at: null,
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
    // A time that has come already stays: the index need not move with each change.
    prune_due_at: Math.min(row.prune_due_at ?? now, now),
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
  headBefore: number | null,
): VersionFacts {
  const { status, text_version, updated_at, seq, title, description } = row;
  const texts = textsChanged ? { title, description } : null;
  return {
    ...{ change, status, textVersion: text_version, texts },
    ...{ createdAt: updated_at, restoredFrom, seq, headBefore },
  };
}
