import { Injectable } from '@nestjs/common';
import { AccountRemovals } from '../platform/access/account-removals';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidText } from '../platform/ids/uuid';
import type { JobProvider, JobSummary, RunLease } from '../platform/jobs/job';
import { ScheduledJob } from '../platform/jobs/scheduled-job.decorator';
import { SecurityEvents } from './security-events';
import { PasswordResetsStore } from './password-resets.store';
import { SessionsStore } from './sessions.store';
import { UsersStore } from './users.store';

/** Accounts swept away in one run at most; the next run takes the others. */
const ACCOUNTS_A_RUN = 100;

/** Removes sessions, API tokens and password links that have ended, and the rows of deleted accounts. */
@ScheduledJob({ id: 'housekeeping', cron: '*/5 * * * *', deadlineMs: 60 * 60_000 })
@Injectable()
export class HousekeepingJob implements JobProvider {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersStore,
    private readonly sessions: SessionsStore,
    private readonly resets: PasswordResetsStore,
    private readonly removals: AccountRemovals,
    private readonly events: SecurityEvents,
    private readonly clock: Clock,
  ) {}

  async run(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    const expired = await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      const now = this.clock.now();
      return (await this.sessions.expire(em, now)) + (await this.resets.expire(em, now));
    });
    const deleted = await this.unitOfWork.read((em) => this.users.deleted(em, ACCOUNTS_A_RUN));
    for (const { key, id } of deleted) {
      signal.throwIfAborted();
      await this.removals.run({ key, id: uuidText(id) }, signal);
      await this.unitOfWork.write(async (em) => {
        await lease.guard(em);
        await this.events.append(em, 'user.data_removed', { key, id }, { actorKey: null });
        await this.users.remove(em, key);
      });
    }
    return { expired_tokens: expired, removed_accounts: deleted.length };
  }
}
