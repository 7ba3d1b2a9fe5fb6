import { Injectable } from '@nestjs/common';
import { JournalService } from '../audit/journal.service';
import type { Guard } from '../graphs/upkeep/graph-retention.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import type { BrakeReason } from './domain/brake';
import type { RetentionPlan } from './retention-planner';

/** Notes in the journal that a run was asked for or stopped, or that somebody has had it run all the same. */
@Injectable()
export class BrakeTrace {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {}

  /** Notes that somebody has asked for a run, before it begins. */
  async requested({ key, origin }: Caller, force: boolean): Promise<void> {
    const at = this.clock.now();
    const action = 'retention.requested' as const;
    const event = { action, at, userKey: null, actorKey: key, subjectId: null, origin, details: { force } };
    await this.unitOfWork.write((em) => this.journal.append(em, event));
  }

  /** `caller` is who asked for the run; null for the schedule and for tools. */
  async note(
    action: 'retention.stopped' | 'retention.forced',
    reason: BrakeReason,
    { versionsToPurge, versionsToPrune }: RetentionPlan,
    caller: Caller | null,
    guard: Guard,
  ): Promise<void> {
    const details = { reason, versions: versionsToPurge + versionsToPrune };
    const who = caller ? { actorKey: caller.key, origin: caller.origin } : { actorKey: null };
    const event = { action, at: this.clock.now(), userKey: null, subjectId: null, details, ...who };
    await this.unitOfWork.write(async (em) => {
      await guard(em);
      await this.journal.append(em, event);
    });
  }
}
