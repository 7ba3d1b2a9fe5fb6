import { Injectable } from '@nestjs/common';
import { JournalService } from '../audit/journal.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';

/** Records exports of whole histories in the audit log. */
@Injectable()
export class ExportEvents {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {}

  /** Records that the caller exports a graph; without one, the whole account. */
  async record({ key, id, origin }: Caller, format: string, graphId?: string): Promise<void> {
    const at = this.clock.now();
    const event = { at, userKey: key, actorKey: key, subjectId: graphId ?? id, origin, details: { format } };
    await this.unitOfWork.write((em) =>
      this.journal.append(em, { action: graphId ? 'graph.exported' : 'user.data_exported', ...event }),
    );
  }
}
