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
import { VersionsService } from '../versions/versions.service';
import type { ArchivedVersion } from './domain/parse-manifest';

/** A version of an archive with its bytes. */
export interface ImportedVersion extends ArchivedVersion {
  config: Buffer;
}

/** Writes the versions of imported graphs: each is a version here, with the time it had. */
@Injectable()
export class GraphImport {
  constructor(
    private readonly writer: GraphWriterService,
    private readonly queue: GraphQueue,
    private readonly versions: VersionsService,
    private readonly trash: TrashRetentionService,
    private readonly clock: Clock,
  ) {}

  /** Creates a graph with its first version and returns its UUID. `id`: the UUID to use; a new one by default. */
  async create(caller: Caller, first: ImportedVersion, id?: string): Promise<string> {
    const { title, description, status, config } = first;
    const content: NewGraph = { title, description, status, config };
    const after = (em: EntityManager, row: GraphRow) => this.mark(em, caller, row, first);
    const at = this.notInFuture(first.createdAt);
    const graph = await this.writer.create(caller, content, {
      ...(id !== undefined && { id }),
      change: 'imported',
      at,
      after,
    });
    return graph.id;
  }

  /** Adds the next version of an archive to a graph. */
  async add(caller: Caller, id: string, version: ImportedVersion): Promise<void> {
    const config = await this.versions.digest(version.config, caller.id);
    await this.queue.exclusively(caller, id, async (row) => {
      const at = Math.max(this.notInFuture(version.createdAt), row.updated_at);
      const { title, description } = version;
      const state = { title, description, status: statusCode(version.status), config };
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
