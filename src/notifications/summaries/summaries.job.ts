import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import type { JobProvider, JobSummary, RunLease } from '../../platform/jobs/job';
import { ScheduledJob } from '../../platform/jobs/scheduled-job.decorator';
import { MailQueue } from '../mail/mail-queue';
import { summarizedWeek } from './domain/week';
import { SummariesStore } from './summaries.store';

/** Summaries that wait in the queue at most: the queue stays small however many accounts want one. */
const WAITING_MAX = 1_000;
/** Summaries that are queued in one transaction. */
const BATCH = 100;

/**
 * Queues the summaries of the week that has ended, some at a time. An account's week is marked in the transaction that
 * queues its mail, so it is never summarized twice. If the service was stopped for weeks, the last one is summarized.
 */
@ScheduledJob({ id: 'weekly-summaries', cron: '*/5 * * * *', deadlineMs: 5 * 60_000 })
@Injectable()
export class SummariesJob implements JobProvider {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: SummariesStore,
    private readonly queue: MailQueue,
    private readonly clock: Clock,
  ) {}

  async run(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    if (!this.queue.isSetUp) return { queued: 0 };
    const week = summarizedWeek(this.clock.now());
    let queued = 0;
    for (;;) {
      signal.throwIfAborted();
      const batch = await this.next(week);
      if (batch.length === 0) break;
      queued += await this.enqueue(batch, week, lease);
    }
    if (queued > 0) this.queue.sendSoon();
    return { queued };
  }

  private next(week: number): Promise<number[]> {
    return this.unitOfWork.read(async (em) => {
      const waiting = await this.queue.waiting(em, 'weekly-summary', WAITING_MAX);
      const room = Math.min(BATCH, WAITING_MAX - waiting);
      return room > 0 ? this.store.due(em, week, room) : [];
    });
  }

  private enqueue(userKeys: readonly number[], week: number, lease: RunLease): Promise<number> {
    return this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      let queued = 0;
      for (const userKey of userKeys) {
        if (!(await this.store.advance(em, userKey, week))) continue;
        const details = { week };
        await this.queue.put(em, { kind: 'weekly-summary', userKey, reference: String(week), details });
        queued += 1;
      }
      return queued;
    });
  }
}
