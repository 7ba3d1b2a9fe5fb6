import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidBytes, uuidv7 } from '../platform/ids/uuid';
import { QuotaService } from '../usage/quota.service';
import {
  FIRST_VERSION,
  VersionsService,
  type Change,
  type Config,
  type GraphRef,
  type PreparedVersion,
} from '../versions/versions.service';
import { ConcurrentChangeError } from './domain/concurrent-change.error';
import { graphOf, type Graph } from './domain/graph';
import { foldTitle, statusCode, type NewGraph } from './domain/graph-content';
import type { GraphRow } from './domain/graph.entity';
import { GraphEventsService } from './graph-events.service';
import { headOf, refOf } from './graph-reader.service';
import { GraphsStore } from './graphs.store';

const EMPTY_CONFIG = Buffer.from('{}');

/** Whether a full quota, and a full disk, refuse the change. A user must be able to delete, and to undo it. */
const REFUSED: Readonly<Record<Change, boolean>> = {
  created: true,
  updated: true,
  deleted: false,
  recovered: false,
  restored: true,
  imported: true,
};

/** A change of a graph; fields that are missing stay as they are. Times in ms since the epoch. */
export interface GraphEdit {
  change: Change;
  title?: string;
  description?: string | null;
  /** See `statusCode`. */
  status?: number;
  config?: Config;
  deletedAt?: number | null;
  purgeAt?: number | null;
  /** The version that a restore takes the state from. */
  restoredFrom?: number;
  /** The time of the event, ms since the epoch, where the version is older than that. */
  eventAt?: number;
  /** For the journal: counts, never contents. */
  details?: Readonly<Record<string, number>>;
  /** Whether the write may wait a moment for others; see `WriteOptions`. */
  patient?: boolean;
}

/** A change that is encoded and sealed, ready to be written if the graph's row still has `expectedSeq`. */
export interface PlannedChange {
  ref: GraphRef;
  prepared: PreparedVersion;
  change: Change;
  restoredFrom: number | null;
  /** The row as it will be, except for its seq. */
  row: GraphRow;
  expectedSeq: number;
}

/** Work in the same transaction as a change. */
export type InSameTransaction = (em: EntityManager, graphId: string) => Promise<void>;

/** Work in the same transaction as a change, after it: `row` is the graph's row as it was written. */
export type AfterChange = (em: EntityManager, row: GraphRow) => Promise<void>;

/** How a graph is created. */
export interface Creation {
  /** The graph's UUID; a new one by default. It must not be in use by another graph of the caller. */
  id?: string;
  /** Runs before the rows are written; if it throws, no graph is created. */
  before?: InSameTransaction;
  after?: AfterChange;
  /** Other than `created` for a state that is older than the graph; then `at` is its time, ms since the epoch. */
  change?: 'created' | 'imported' | 'deleted';
  at?: number;
  /** The creation of the graph, ms since the epoch; `at` by default. */
  createdAt?: number;
  /** For a graph that is created in the trash: the end of its time there, ms since the epoch. */
  purgeAt?: number;
  /** Whether the write may wait a moment for others; see `WriteOptions`. */
  patient?: boolean;
}

/** Writes versions: each change is one version, one journal event and the graph's row, in one transaction. */
@Injectable()
export class GraphWriterService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: GraphsStore,
    private readonly versions: VersionsService,
    private readonly events: GraphEventsService,
    private readonly quota: QuotaService,
    private readonly clock: Clock,
  ) {}

  /** The time of changes, ms since the epoch. */
  get now(): number {
    return this.clock.now();
  }

  /** Creates a graph and its first version. */
  async create(caller: Caller, content: NewGraph, how: Creation = {}): Promise<Graph> {
    const now = this.clock.now();
    const { id = uuidv7(now), before, after, change = 'created', patient = false } = how;
    const config = await this.versions.digest(content.config ?? EMPTY_CONFIG, caller.id);
    const prepared = await this.versions.prepareFirst(
      { userKey: caller.key, userId: caller.id, graphId: id },
      config,
    );
    const first = { ...firstRow(caller, id, content, prepared), ...timesOf(how, now) };
    const insert = async (em: EntityManager): Promise<GraphRow> => {
      await before?.(em, id);
      const seq = await this.events.version(em, caller, change, { id, version: FIRST_VERSION, at: now });
      const created: GraphRow = { ...first, key: seq, seq };
      await this.store.insert(em, created);
      const facts = { change, restoredFrom: null, headBefore: null, ...created };
      await this.versions.append(em, refOf(created, caller.id), prepared, facts);
      await after?.(em, created);
      return created;
    };
    const row = await this.quota.reserve(caller.key, config.bytes.length, true, () =>
      this.unitOfWork.write(insert, { grows: true, patient }),
    );
    return graphOf(row, caller.id, prepared.config ?? undefined);
  }

  /**
   * Writes the next version; `time` is its time, ms since the epoch. Throws ConcurrentChangeError if the row has
   * changed since it was read.
   */
  async write(
    caller: Caller,
    present: GraphRow,
    edit: GraphEdit,
    time = this.timeAfter(present),
    after?: AfterChange,
  ): Promise<Graph> {
    const planned = await this.plan(caller, present, edit, time);
    const { ref, prepared, change, restoredFrom, row, expectedSeq } = planned;
    const { version, config_bytes: bytes } = row;
    // The time of the event: an imported version is older than its event.
    const at = edit.eventAt ?? (change === 'imported' ? this.clock.now() : row.updated_at);
    const event = { id: ref.graphId, version, at, ...(edit.details && { details: edit.details }) };
    const written = await this.quota.reserve(caller.key, bytes, REFUSED[change], () =>
      this.unitOfWork.write(
        async (em) => {
          const seq = await this.events.version(em, caller, change, event);
          const replaced: GraphRow = { ...row, seq };
          if (!(await this.store.replace(em, replaced, expectedSeq))) throw new ConcurrentChangeError();
          const facts = { change, restoredFrom, headBefore: present.head.length, ...replaced };
          await this.versions.append(em, ref, prepared, facts);
          await after?.(em, replaced);
          return replaced;
        },
        { grows: REFUSED[change], patient: edit.patient ?? false },
      ),
    );
    return graphOf(written, caller.id, prepared.config ?? undefined);
  }

  /** Encodes and seals what a graph becomes; nothing is written yet. `at` is the version's time, ms since the epoch. */
  async plan(caller: Caller, row: GraphRow, edit: GraphEdit, at: number): Promise<PlannedChange> {
    const ref = refOf(row, caller.id);
    const prepared = await this.versions.prepareNext(ref, headOf(row), edit.config ?? null);
    const { change, restoredFrom = null } = edit;
    return {
      ref,
      prepared,
      change,
      restoredFrom,
      row: nextRow(row, edit, prepared, at),
      expectedSeq: row.seq,
    };
  }

  /** Now, but never before the graph's last change: a clock that was set back must not put versions out of order. */
  timeAfter(row: GraphRow): number {
    return Math.max(this.clock.now(), row.updated_at);
  }
}

function firstRow(
  caller: Caller,
  id: string,
  content: NewGraph,
  prepared: PreparedVersion,
): Omit<GraphRow, 'key' | 'seq' | keyof ReturnType<typeof timesOf>> {
  return {
    user_key: caller.key,
    id: uuidBytes(id),
    status: statusCode(content.status ?? 'draft'),
    text_version: FIRST_VERSION,
    prune_due_at: null,
    title: content.title,
    title_folded: foldTitle(content.title),
    description: content.description ?? null,
    ...headColumns(prepared),
  };
}

/** The times of a graph that is created `now`. */
function timesOf({ at, createdAt, purgeAt }: Creation, now: number) {
  const time = at ?? now;
  return {
    created_at: createdAt ?? time,
    updated_at: time,
    deleted_at: purgeAt === undefined ? null : time,
    purge_at: purgeAt ?? null,
  };
}

function nextRow(row: GraphRow, edit: GraphEdit, prepared: PreparedVersion, at: number): GraphRow {
  const { title = row.title, description = row.description, status = row.status } = edit;
  const { deletedAt = row.deleted_at, purgeAt = row.purge_at } = edit;
  const textsChanged = title !== row.title || description !== row.description;
  return {
    ...row,
    status,
    text_version: textsChanged ? prepared.head.version : row.text_version,
    updated_at: at,
    deleted_at: deletedAt,
    purge_at: purgeAt,
    // A time that has passed stays, so that the index does not move with each change.
    prune_due_at: Math.min(row.prune_due_at ?? at, at),
    title,
    title_folded: foldTitle(title),
    description,
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
