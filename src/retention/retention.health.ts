import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { toIsoOrNull } from '../platform/clock/instant';
import { CONDITIONS, UNDECIDED, holds } from '../platform/health/conditions';
import { withinMs } from '../platform/health/time-limit';
import type { RetentionStatus } from './domain/retention-run';
import { RetentionService } from './retention.service';

const TROUBLE: Partial<Record<RetentionStatus, string>> = {
  held: 'changed policies would remove unusually much and were not applied; review them with a dry run, then run with `force`',
  stopped:
    'the clock is in doubt after a jump or a long stop; retention continues by itself after one hour in which the clock runs steadily',
  failed: 'the last run failed; see the log',
  incomplete: 'the last run skipped graphs because of errors; see the log',
};

/** Limit for reading the run records from the database, ms. */
const WITHIN_MS = 2_000;

/** Whether retention works. What is not removed takes space and nothing is lost, so it is degraded at worst, never down. */
@Injectable()
export class RetentionHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly retention: RetentionService,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(CONDITIONS['retention.stopped'].part);
    const last = await withinMs(WITHIN_MS, this.retention.lastRun()).catch(() => null);
    if (last === null)
      return indicator.up({
        ...UNDECIDED,
        degraded: true,
        reason: 'the run records cannot be read from the database',
      });
    if (last === undefined) return indicator.up({ last_run: null });
    const { id, status, counts } = last;
    const facts = { last_run: toIsoOrNull(last.finishedAt), run: id, outcome: status };
    const reason = TROUBLE[status];
    if (!reason) return indicator.up(facts);
    const because = counts?.stopped ?? counts?.held_because ?? null;
    const held_policies = counts?.held ?? null;
    return indicator.up({
      ...facts,
      ...holds('retention.stopped'),
      degraded: true,
      reason,
      stopped_because: because,
      held_policies,
    });
  }
}
