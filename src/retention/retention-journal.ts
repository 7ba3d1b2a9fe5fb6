import { Injectable } from '@nestjs/common';
import { JournalService } from '../audit/journal.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import type { RunLease } from '../platform/jobs/job';
import type { BrakeReason } from './domain/brake';
import type { StopReason } from './domain/retention-run';
import type { HeldPolicy, RetentionPlan } from './retention-planner';

/** Records in the audit log that a run was requested, stopped or forced, and which policies it held. */
@Injectable()
export class RetentionJournal {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {}

  /** Records that somebody asked for a run, before it begins. */
  async requested({ key, origin }: Caller, force: boolean): Promise<void> {
    const at = this.clock.now();
    const action = 'retention.requested' as const;
    const event = { action, at, userKey: null, actorKey: key, subjectId: null, origin, details: { force } };
    await this.unitOfWork.write((em) => this.journal.append(em, event));
  }

  /** Records that a run was stopped or forced. `caller` asked for the run; null for the schedule and for tools. */
  async note(
    action: 'retention.stopped' | 'retention.forced',
    reason: StopReason,
    { purges, prunes }: RetentionPlan,
    caller: Caller | null,
    lease: Pick<RunLease, 'guard'>,
  ): Promise<void> {
    const details = { reason, versions: purges.versions + prunes.versions };
    const who = caller ? { actorKey: caller.key, origin: caller.origin } : { actorKey: null };
    const event = { action, at: this.clock.now(), userKey: null, subjectId: null, details, ...who };
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.journal.append(em, event);
    });
  }

  /** Records policies that are held, each in the audit log of its owner. */
  async held(
    policies: readonly HeldPolicy[],
    reason: BrakeReason,
    lease: Pick<RunLease, 'guard'>,
  ): Promise<void> {
    const at = this.clock.now();
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      for (const { level, userKey, id, versions } of policies) {
        const details = { level, reason, versions };
        const owner = { userKey: level === 'default' ? null : userKey, actorKey: null, subjectId: id };
        await this.journal.append(em, { action: 'policy.held', at, ...owner, details });
      }
    });
  }
}
