import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { withinMs } from '../../platform/health/time-limit';
import { WebhookQueueStore } from './webhook-queue.store';

const WITHIN_MS = 2_000;
/** Webhooks have their turn when they are due. If one waits longer than this, the job does not keep up, ms. */
const LATE_MS = 15 * 60_000;
/** Failing webhooks are counted up to this number. */
const COUNTED = 1_000;

/** Whether messages are sent in time. A failing receiver is its owner's matter and degrades nothing. */
@Injectable()
export class WebhooksHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly unitOfWork: UnitOfWork,
    private readonly queue: WebhookQueueStore,
    private readonly clock: Clock,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('webhooks');
    try {
      const read = this.unitOfWork.read(async (em) => ({
        oldest: await this.queue.oldestDue(em),
        failing: await this.queue.failing(em, COUNTED),
      }));
      const { oldest, failing } = await withinMs(WITHIN_MS, read);
      if (oldest !== null && this.clock.now() - oldest > LATE_MS) {
        const reason = 'webhooks have waited for more than 15 minutes; see the job "webhooks" in the log';
        return indicator.up({ failing, degraded: true, reason });
      }
      return indicator.up({ failing });
    } catch {
      return indicator.up({
        degraded: true,
        reason: 'the database did not return the state of the webhooks',
      });
    }
  }
}
