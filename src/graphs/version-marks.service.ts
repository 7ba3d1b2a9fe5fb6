import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { notFound } from '../platform/errors/app-error';
import { VersionsService, type ListedVersion, type VersionMarks } from '../versions/versions.service';
import { ConcurrentChangeError } from './domain/concurrent-change.error';
import { GraphEventsService } from './graph-events.service';
import { GraphHistoryService } from './graph-history.service';
import { GraphQueue } from './graph-queue';
import { refOf } from './graph-reader.service';
import { GraphsStore } from './graphs.store';

/** Labels and pins versions, which keeps them from being pruned. */
@Injectable()
export class VersionMarksService {
  constructor(
    private readonly queue: GraphQueue,
    private readonly history: GraphHistoryService,
    private readonly versions: VersionsService,
    private readonly store: GraphsStore,
    private readonly events: GraphEventsService,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Sets the given marks of a version; a mark that is undefined stays. `number` as in the URL; 404 for an unknown one. */
  mark(caller: Caller, id: string, number: string, marks: Partial<VersionMarks>): Promise<ListedVersion> {
    return this.queue.exclusively(caller, id, async (row) => {
      if (row.deleted_at !== null) throw notFound('graph');
      const ref = refOf(row, caller.id);
      const version = await this.history.find(ref, number);
      const { label = version.label, pinned = version.pinned === 1 } = marks;
      if (label === version.label && pinned === (version.pinned === 1)) return version;
      const seq = await this.unitOfWork.write(async (em) => {
        const seq = await this.events.other(em, caller, 'version.changed', row, version.version);
        // The graph's row gets the new seq too, so that a prune that read the old marks loses its race.
        if (!(await this.store.bumpSeq(em, row, seq, this.events.now))) throw new ConcurrentChangeError();
        if (!(await this.versions.mark(em, ref, version.version, { label, pinned }, seq)))
          throw notFound('version');
        return seq;
      });
      return { ...version, label, pinned: pinned ? 1 : 0, seq };
    });
  }
}
