import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { toIsoOrNull } from '../platform/clock/instant';
import { withinMs } from '../platform/health/time-limit';
import type { RetentionStatus } from './domain/retention-run';
import { RetentionService } from './retention.service';

const TROUBLE: Partial<Record<RetentionStatus, string>> = {
  stopped: 'the last run stopped before it removed anything; look at the plan, then force it',
  failed: 'the last run failed',
  incomplete: 'the last run passed over graphs with which something is wrong',
};

/** The records are in the database, ms. */
const WITHIN_MS = 2_000;

/** Whether retention does its work. What is not removed costs room and nothing is lost by it, so it is degraded, never down. */
@Injectable()
export class RetentionHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly retention: RetentionService,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('retention');
    const last = await withinMs(WITHIN_MS, this.retention.lastRun()).catch(() => null);
    if (last === null)
      return indicator.up({ degraded: true, reason: 'the database does not say how the last run ended' });
    if (last === undefined) return indicator.up({ last_run: null });
    const { id, status, counts } = last;
    const facts = { last_run: toIsoOrNull(last.finishedAt), run: id, outcome: status };
    const reason = TROUBLE[status];
    if (!reason) return indicator.up(facts);
    return indicator.up({ ...facts, degraded: true, reason, stopped_because: counts?.stopped ?? null });
  }
}
