import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock';
import { AppConfig } from '../../platform/config/app-config';
import type { JobProvider, JobSummary, RunLease } from '../../platform/jobs/job';
import { ScheduledJob } from '../../platform/jobs/scheduled-job.decorator';
import { WebhookFeedService } from './webhook-feed.service';
import { WebhookTurns, type Round } from './webhook-turns';

export const WEBHOOKS_JOB = 'webhooks';

/** How long a run begins new turns, ms. */
const TAKES_FOR_MS = 10 * 60_000;
/** How often a run looks for news, and how long it waits for some before it ends, ms. */
const LOOK_EVERY_MS = 500;
const LINGERS_MS = 15_000;
const DEADLINE_MS = 30 * 60_000;

/** Sends messages to webhooks: follows the journal, and gives each due webhook its turn. */
@ScheduledJob({ id: WEBHOOKS_JOB, cron: '* * * * *', deadlineMs: DEADLINE_MS })
@Injectable()
export class WebhooksJob implements JobProvider {
  constructor(
    private readonly feed: WebhookFeedService,
    private readonly turns: WebhookTurns,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /** Sends what is due, and ends. */
  run(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    return this.send(signal, lease, 0);
  }

  /** Sends what is due, and waits a while for more. */
  runOn(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    return this.send(signal, lease, LINGERS_MS);
  }

  async hasWork(): Promise<boolean> {
    return this.config.get('WEBHOOKS') === 'on' && (await this.feed.hasWork());
  }

  private async send(signal: AbortSignal, lease: RunLease, lingersMs: number): Promise<JobSummary> {
    if (this.config.get('WEBHOOKS') === 'off') return { turns: 0 };
    const round = this.turns.round(signal, lease);
    try {
      await this.go(round, signal, lease, lingersMs);
    } finally {
      // A turn that goes on after the end of the run could send an older message after the next run has sent newer ones.
      await round.allEnd();
    }
    signal.throwIfAborted();
    return { turns: round.done };
  }

  private async go(round: Round, signal: AbortSignal, lease: RunLease, lingersMs: number): Promise<void> {
    const end = this.clock.monotonic() + TAKES_FOR_MS;
    let busyAt = this.clock.monotonic();
    for (;;) {
      const now = this.clock.monotonic();
      const isOpen = !signal.aborted && now < end;
      if (isOpen) await this.feed.follow(signal, lease);
      const started = isOpen ? await round.startDue() : 0;
      if (started > 0 || round.running > 0) busyAt = now;
      if (round.running === 0 && started === 0 && (!isOpen || now - busyAt >= lingersMs)) return;
      await Promise.race([round.anyEnds(), delay(LOOK_EVERY_MS, undefined, { ref: false })]);
    }
  }
}
