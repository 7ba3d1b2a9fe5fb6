import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { Metrics } from '../../platform/metrics/metrics';
import { sharedRead } from '../../platform/metrics/shared-read';
import { WebhookQueueStore } from './webhook-queue.store';

const OUTCOMES = ['delivered', 'failed', 'given_up'] as const;
export type AttemptOutcome = (typeof OUTCOMES)[number];
/** Failing webhooks are counted up to this number. */
const COUNTED = 1_000;

/** Metrics of webhooks. */
@Injectable()
export class WebhooksMetrics {
  private readonly attempts: Counter;

  constructor(metrics: Metrics, unitOfWork: UnitOfWork, queue: WebhookQueueStore, clock: Clock) {
    const registers = [metrics.registry];
    this.attempts = new Counter({
      name: 'graphomat_webhook_attempts_total',
      help: 'Attempts to deliver a message to a webhook, by what became of the message, in this process.',
      labelNames: ['outcome'],
      registers,
    });
    for (const outcome of OUTCOMES) this.attempts.inc({ outcome }, 0);
    const collect = sharedRead(async () => {
      const [oldest, count] = await unitOfWork.read(async (em) => [
        await queue.oldestDue(em),
        await queue.failing(em, COUNTED),
      ]);
      lag.set(oldest === null ? 0 : Math.max(0, clock.now() - oldest) / 1_000);
      failing.set(count);
    });
    const gauge = (name: string, help: string) => new Gauge({ name, help, registers, collect });
    const lag = gauge('graphomat_webhook_lag_seconds', 'How long the longest due webhook has waited.');
    const failing = gauge(
      'graphomat_webhooks_failing',
      'Webhooks whose last attempt failed and that are tried again; counted up to 1000.',
    );
  }

  attempted(outcome: AttemptOutcome): void {
    this.attempts.inc({ outcome });
  }
}
