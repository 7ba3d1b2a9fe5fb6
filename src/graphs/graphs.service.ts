import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService, type Action } from '../audit/journal.service';
import {
  VersionsService,
  changeOf,
  type Config,
  type GraphRef,
  type ListedVersion,
  type VersionMarks,
} from '../versions/versions.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { toIso } from '../platform/clock/instant';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError, notFound } from '../platform/errors/app-error';
import { graphEtag, matchesEtag } from '../platform/http/etag';
import { uuidText } from '../platform/ids/uuid';
import type { Graph } from './domain/graph';
import { statusCode, type GraphChange, type NewGraph } from './domain/graph-content';
import type { GraphRow } from './domain/graph.entity';
import { GraphHistoryService } from './graph-history.service';
import { refOf } from './graph-reader.service';
import { GraphWriterService, unchangedFields, type Next } from './graph-writer.service';
import { TrashRetentionService } from './trash-retention.service';
import { GraphPurgeService } from './upkeep/graph-purge.service';
import { GraphsStore } from './graphs.store';
import { IdempotencyKeys } from './idempotency-keys';
import { ConcurrentChangeError } from './domain/concurrent-change.error';

/** The version or time (ms since the epoch) to restore. */
export type RestoreTarget = { version: number } | { at: number };

/** Makes a creation retryable: the client's key, and the exact bytes of the request body. */
export interface Idempotency {
  key: string;
  body: Buffer;
}

/** Everything that users do with their graphs. */
@Injectable()
export class GraphsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: GraphsStore,
    private readonly history: GraphHistoryService,
    private readonly writer: GraphWriterService,
    private readonly versions: VersionsService,
    private readonly journal: JournalService,
    private readonly idempotency: IdempotencyKeys,
    private readonly clock: Clock,
    private readonly trash: TrashRetentionService,
    private readonly purges: GraphPurgeService,
  ) {}

  /** Creates a graph. With an idempotency key, a retry within 24 h returns the graph of the first attempt. */
  create(caller: Caller, content: NewGraph, retry?: Idempotency): Promise<Graph> {
    if (!retry) return this.writer.create(caller, content);
    return this.idempotency.once(caller, retry, (remember) => this.writer.create(caller, content, remember));
  }

  /** Changes the given fields; does nothing if none differs. 412 if `ifMatch` names another state. */
  async update(caller: Caller, id: string, change: GraphChange, ifMatch?: string): Promise<Graph> {
    const config = change.config && (await this.versions.digest(change.config));
    return this.writer.change(caller, id, (row) => {
      if (row.deleted_at !== null) throw notFound('graph');
      requireMatch(row, ifMatch);
      return updated(row, change, config);
    });
  }

  /** Moves a graph to the trash. */
  remove(caller: Caller, id: string, ifMatch?: string): Promise<Graph> {
    return this.writer.change(caller, id, async (row, now) => {
      if (row.deleted_at !== null) throw notFound('graph');
      requireMatch(row, ifMatch);
      const purgeAt = now + (await this.trash.keptFor(caller.key, row.key));
      return { ...unchangedFields(row), change: 'deleted', deletedAt: now, purgeAt };
    });
  }

  /** Recovers a graph from the trash; 409 if it is not deleted. */
  recover(caller: Caller, id: string): Promise<Graph> {
    return this.writer.change(caller, id, (row) => {
      if (row.deleted_at === null)
        throw new AppError(
          'conflict',
          'not-deleted',
          'This graph is not deleted, so there is nothing to recover.',
        );
      return { ...unchangedFields(row), change: 'recovered', deletedAt: null, purgeAt: null };
    });
  }

  /**
   * Restores a version, or the state at a time, as a new version: title, description, status and config. 422 for
   * versions that were pruned and times that cannot be reached; the detail names what can be restored.
   */
  async restore(caller: Caller, id: string, target: RestoreTarget): Promise<Graph> {
    const { row, ref } = await this.history.requireUndeleted(caller, id);
    const version =
      'at' in target
        ? await this.versionAt(ref, target.at)
        : await this.history.requireKept(ref, target.version, row.version);
    const config = await this.versions.digest(await this.history.configOf(ref, version));
    const { title, description, status } = version;
    return this.writer.change(caller, id, (present) => {
      if (present.deleted_at !== null) throw notFound('graph');
      const restoredFrom = version.version;
      return {
        ...unchangedFields(present),
        change: 'restored',
        title,
        description,
        status,
        config,
        restoredFrom,
      };
    });
  }

  /**
   * Removes a deleted graph permanently. Readers no longer see it from the first transaction on. 409 if it is not in
   * the trash.
   */
  async purge(caller: Caller, id: string): Promise<void> {
    const { place, begun } = await this.writer.exclusively(caller, id, async (row) => {
      if (row.deleted_at === null)
        throw new AppError('conflict', 'not-deleted', 'Only a deleted graph can be purged. Delete it first.');
      const place = { user_key: row.user_key, graph_key: row.key };
      const begun = await this.unitOfWork.write(async (em) => {
        await this.note(em, caller, row, 'graph.purged');
        if (!(await this.store.remove(em, row))) throw new ConcurrentChangeError();
        return this.purges.begin(em, place, row.head.length);
      });
      return { place, begun };
    });
    await this.purges.finish(place, begun);
  }

  /** Labels or pins a version, which protects it from pruning; undefined marks stay as they are. */
  async mark(
    caller: Caller,
    id: string,
    number: string,
    marks: Partial<VersionMarks>,
  ): Promise<ListedVersion> {
    return this.writer.exclusively(caller, id, async (row) => {
      if (row.deleted_at !== null) throw notFound('graph');
      const ref = refOf(row, caller.id);
      const version = await this.history.find(ref, number);
      const label = marks.label === undefined ? version.label : marks.label;
      const pinned = marks.pinned ?? version.pinned === 1;
      if (label === version.label && pinned === (version.pinned === 1)) return version;
      const seq = await this.unitOfWork.write(async (em) => {
        const seq = await this.note(em, caller, row, 'version.changed', version.version);
        // Changes the graph's row too, so that a prune that read the old marks fails its compare-and-set.
        if (!(await this.store.bumpSeq(em, row, seq, this.clock.now()))) throw new ConcurrentChangeError();
        if (!(await this.versions.mark(em, ref, version.version, { label, pinned }, seq)))
          throw notFound('version');
        return seq;
      });
      return { ...version, label, pinned: pinned ? 1 : 0, seq };
    });
  }

  private async versionAt(ref: GraphRef, time: number): Promise<ListedVersion> {
    const version = await this.history.versionAt(ref, time);
    if (changeOf(version) !== 'deleted') return version;
    throw new AppError(
      'unprocessable',
      'deleted-then',
      `The graph was deleted at that time (from ${toIso(version.created_at)} on). Choose an earlier time.`,
    );
  }

  private note(
    em: EntityManager,
    caller: Caller,
    row: GraphRow,
    action: Action,
    version?: number,
  ): Promise<number> {
    const { key, origin } = caller;
    const at = this.clock.now();
    const event = { action, at, userKey: key, actorKey: key, subjectId: uuidText(row.id), origin };
    return this.journal.append(em, version === undefined ? event : { ...event, version });
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
    `The graph has changed: it is now at version ${row.version}. Read it again, then repeat your change.`,
  );
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
    : { ...unchangedFields(row), change: 'updated', title, description, status, config: newConfig };
}
