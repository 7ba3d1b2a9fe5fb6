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

/** Attempts before work on a graph gives up with 503. Only other replicas can cause retries, see GraphQueue. */
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

/** Whether a full quota refuses the change. Deleting and recovering must always work. */
const REFUSED: Readonly<Record<Change, boolean>> = {
  created: true,
  updated: true,
  deleted: false,
  recovered: false,
  restored: true,
  imported: true,
};

/** The next state of a graph. */
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

/** Derives the next state from the current row at `now` (ms); null: nothing changes. Throws to refuse the change. */
export type Decide = (row: GraphRow, now: number) => Next | null | Promise<Next | null>;

/** A change that is encoded and encrypted, ready to be written if the graph's row still has `expectedSeq`. */
export interface PlannedChange {
  ref: GraphRef;
  prepared: PreparedVersion;
  change: Change;
  restoredFrom: number | null;
  /** The row as it will be, except for its seq. */
  row: GraphRow;
  expectedSeq: number;
}

/** Additional work in the transaction of a change. */
export type InSameTransaction = (em: EntityManager, graphId: string) => Promise<void>;

/** Writes versions. Each change is one version, one journal event and the graph's row, in one transaction. */
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

  /**
   * Creates a graph and its first version. `also` runs in the same transaction; if it throws, no graph is created.
   */
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

  /** Changes a graph: read, decide, encode, compare and set. */
  change(caller: Caller, id: string, decide: Decide): Promise<Graph> {
    return this.exclusively(caller, id, async (row) => {
      // Never before the graph's last change: a clock that was set back must not put versions out of order.
      const now = Math.max(this.clock.now(), row.updated_at);
      const next = await decide(row, now);
      if (next) return this.writeVersion(caller, row, next, now);
      return this.reader.whole(caller, row);
    });
  }

  /**
   * Runs work on a graph's current row, after all earlier changes of the graph in this process. Repeats it with the
   * new row when it throws ConcurrentChangeError.
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

  /** Encodes and encrypts the next state of a graph without writing it. `now` is the time of the version, ms. */
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

  /** Writes the next version. Throws ConcurrentChangeError if the row has changed since it was read. */
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

  /** Appends a change to the journal in the caller's transaction; returns the event's sequence number. */
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

/** The current values, for the fields that a change leaves alone. */
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
    // A time in the past stays: the index need not move with each change.
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
