import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { RetentionStatus } from './domain/retention-run';
import { RetentionService } from './retention.service';

const TROUBLE: Partial<Record<RetentionStatus, string>> = {
  stopped: 'the last run stopped before it removed anything; look at the plan, then force it',
  failed: 'the last run failed',
  incomplete: 'the last run passed over graphs with which something is wrong',
};

/** Whether retention does its work. What is not removed costs room and nothing is lost by it, so it is degraded, never down. */
@Injectable()
export class RetentionHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly retention: RetentionService,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('retention');
    const last = await this.retention.lastRun().catch(() => null);
    const reason = last && TROUBLE[last.status];
    if (!last || !reason) return indicator.up();
    const { id, counts } = last;
    return indicator.up({ degraded: true, reason, run: id, stopped_because: counts?.stopped ?? null });
  }
}
