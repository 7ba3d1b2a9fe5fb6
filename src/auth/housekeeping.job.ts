import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import type { JobProvider, JobSummary, RunLease } from '../platform/jobs/job';
import { ScheduledJob } from '../platform/jobs/scheduled-job.decorator';
import { DeletedAccountsService } from './deleted-accounts.service';
import { PasswordResetsStore } from './password-resets.store';
import { SessionsStore } from './sessions.store';

/** Removes sessions, API tokens and password links that have ended, and the rows of deleted accounts. */
@ScheduledJob({ id: 'housekeeping', cron: '*/5 * * * *', deadlineMs: 60 * 60_000 })
@Injectable()
export class HousekeepingJob implements JobProvider {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sessions: SessionsStore,
    private readonly resets: PasswordResetsStore,
    private readonly deleted: DeletedAccountsService,
    private readonly clock: Clock,
  ) {}

  async run(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    const expired = await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      const now = this.clock.now();
      return (await this.sessions.expire(em, now)) + (await this.resets.expire(em, now));
    });
    return { expired_tokens: expired, removed_accounts: await this.deleted.removeRows(signal, lease) };
  }
}
