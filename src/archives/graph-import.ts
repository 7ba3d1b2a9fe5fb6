import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { statusCode, type NewGraph } from '../graphs/domain/graph-content';
import type { GraphRow } from '../graphs/domain/graph.entity';
import { GraphQueue } from '../graphs/graph-queue';
import { refOf } from '../graphs/graph-reader.service';
import { GraphWriterService, type GraphEdit } from '../graphs/graph-writer.service';
import { TrashRetentionService } from '../graphs/trash-retention.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import type { PolicyPart } from '../platform/config/policy-limits';
import { PoliciesService } from '../retention/policies.service';
import { VersionsService } from '../versions/versions.service';
import type { ArchivedVersion } from './domain/parse-manifest';

const DAY_MS = 86_400_000;

/** A version of an archive with its bytes. */
export interface ImportedVersion extends ArchivedVersion {
  config: Buffer;
}

/** What an imported graph has in addition to its versions. */
export interface ImportedGraph {
  /** Its UUID; a new one by default. */
  id?: string | undefined;
  /** When it was created, ms since the epoch; with its first version by default. */
  createdAt?: number;
  /** Its own policy, which it must be able to have. */
  policy?: PolicyPart | null;
}

/** Writes the versions of imported graphs: each is a version here, with the time it had. */
@Injectable()
export class GraphImport {
  constructor(
    private readonly writer: GraphWriterService,
    private readonly queue: GraphQueue,
    private readonly versions: VersionsService,
    private readonly trash: TrashRetentionService,
    private readonly policies: PoliciesService,
    private readonly clock: Clock,
  ) {}

  /** Creates a graph with its policy and its first version, and returns its UUID. */
  async create(caller: Caller, first: ImportedVersion, graph: ImportedGraph = {}): Promise<string> {
    const { title, description, status, config } = first;
    const content: NewGraph = { title, description, status, config };
    const { id, createdAt = first.createdAt, policy = null } = graph;
    const ownPolicy = policy && this.policies.forNewGraph(caller, policy);
    const at = this.notInFuture(first.createdAt);
    const made = await this.writer.create(caller, content, {
      ...(id !== undefined && { id }),
      ...(first.deleted
        ? { change: 'deleted', purgeAt: await this.purgeTimeOfNew(caller, policy) }
        : { change: 'imported' }),
      at,
      createdAt: Math.min(createdAt, at),
      before: async (em) => ownPolicy?.lock(em),
      after: async (em, row) => {
        await this.mark(em, caller, row, first);
        await ownPolicy?.put(em, { key: row.key, id: refOf(row, caller.id).graphId });
      },
    });
    return made.id;
  }

  /** Adds the next version of an archive to a graph. */
  async add(caller: Caller, id: string, version: ImportedVersion): Promise<void> {
    const config = await this.versions.digest(version.config, caller.id);
    await this.queue.exclusively(caller, id, async (row) => {
      const at = Math.max(this.notInFuture(version.createdAt), row.updated_at);
      const { title, description } = version;
      const eventAt = this.clock.now();
      const state = { title, description, status: statusCode(version.status), config, eventAt };
      const edit: GraphEdit = version.deleted
        ? { ...state, change: 'deleted', deletedAt: at, purgeAt: await this.purgeTime(caller, row) }
        : { ...state, change: 'imported', deletedAt: null, purgeAt: null };
      const after = (em: EntityManager, written: GraphRow) => this.mark(em, caller, written, version);
      return this.writer.write(caller, row, edit, at, after);
    });
  }

  /** An imported graph in the trash gets the whole time in the trash, whenever it was deleted. */
  private async purgeTime(caller: Caller, row: GraphRow): Promise<number> {
    return this.clock.now() + (await this.trash.keptFor(caller.key, row.key));
  }

  private async purgeTimeOfNew(caller: Caller, own: PolicyPart | null): Promise<number> {
    const { policy } = await this.policies.ofUser(caller.key);
    return this.clock.now() + (own?.deleted_retention_days ?? policy.deleted_retention_days) * DAY_MS;
  }

  private async mark(
    em: EntityManager,
    caller: Caller,
    row: GraphRow,
    { label, pinned }: ArchivedVersion,
  ): Promise<void> {
    if (label === null && !pinned) return;
    await this.versions.mark(em, refOf(row, caller.id), row.version, { label, pinned }, row.seq);
  }

  private notInFuture(time: number): number {
    return Math.min(time, this.clock.now());
  }
}
