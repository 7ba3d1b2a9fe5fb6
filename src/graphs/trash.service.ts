import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { AppError, notFound } from '../platform/errors/app-error';
import type { Graph } from './domain/graph';
import type { GraphRow } from './domain/graph.entity';
import { GraphEventsService } from './graph-events.service';
import { GraphQueue } from './graph-queue';
import { GraphWriterService } from './graph-writer.service';
import { requireMatch } from './if-match';
import { TrashRetentionService } from './trash-retention.service';
import { GraphPurgeService } from './upkeep/graph-purge.service';

/** Moves graphs to the trash and back, and purges them. */
@Injectable()
export class TrashService {
  constructor(
    private readonly queue: GraphQueue,
    private readonly writer: GraphWriterService,
    private readonly events: GraphEventsService,
    private readonly retention: TrashRetentionService,
    private readonly purges: GraphPurgeService,
  ) {}

  /** Moves a graph to the trash. 412 if `ifMatch` names another state. */
  remove(caller: Caller, id: string, ifMatch?: string): Promise<Graph> {
    return this.queue.exclusively(caller, id, async (row) => {
      if (row.deleted_at !== null) throw notFound('graph');
      requireMatch(row, ifMatch);
      const deletedAt = this.writer.timeAfter(row);
      const purgeAt = deletedAt + (await this.retention.keptFor(caller.key, row.key));
      return this.writer.write(caller, row, { change: 'deleted', deletedAt, purgeAt }, deletedAt);
    });
  }

  /** Takes a graph out of the trash. 409 if it is not deleted. */
  recover(caller: Caller, id: string): Promise<Graph> {
    return this.queue.exclusively(caller, id, (row) => {
      requireDeleted(row, 'This graph is not deleted, so it cannot be recovered.');
      return this.writer.write(caller, row, { change: 'recovered', deletedAt: null, purgeAt: null });
    });
  }

  /** Removes a deleted graph and its history permanently; it is invisible from the first moment. 409 if it is not deleted. */
  async purge(caller: Caller, id: string): Promise<void> {
    const begun = await this.queue.exclusively(caller, id, (row) => {
      requireDeleted(row, 'Only a deleted graph can be purged. Delete it first.');
      return this.purges.start(row, async (em) => {
        await this.events.other(em, caller, 'graph.purged', row);
      });
    });
    await this.purges.finish(begun.place, begun.step);
  }
}

function requireDeleted(row: GraphRow, otherwise: string): void {
  if (row.deleted_at === null) throw new AppError('conflict', 'not-deleted', otherwise);
}
