import { Injectable } from '@nestjs/common';
import { JournalService } from '../../audit/journal.service';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { ConcurrentChangeError, undefinedOnConcurrentChange } from '../domain/concurrent-change.error';
import { GraphPurgeService, type PurgeLease, type Swept } from './graph-purge.service';
import type { DueGraph } from './graph-retention.service';
import { GraphRetentionStore } from './graph-retention.store';

/** Purges graphs whose time in the trash is over. */
@Injectable()
export class ExpiredGraphsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: GraphRetentionStore,
    private readonly purges: GraphPurgeService,
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {}

  /** Purges a graph if it has not changed since it was found; null when it has. */
  async purge({ userKey, key, graphId, row }: DueGraph, lease: PurgeLease): Promise<Swept | null> {
    const place = { user_key: userKey, graph_key: key };
    const at = this.clock.now();
    const event = { at, userKey, actorKey: null, subjectId: graphId, details: { by: 'retention' } };
    const begun = await this.unitOfWork
      .write(async (em) => {
        await lease.guard(em);
        await this.journal.append(em, { action: 'graph.purged', ...event });
        const headBytes = await this.store.remove(em, row);
        if (headBytes === undefined) throw new ConcurrentChangeError();
        return this.purges.begin(em, place, headBytes);
      })
      .catch(undefinedOnConcurrentChange);
    return begun ? this.purges.finish(place, begun, lease) : null;
  }
}
