import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Clock } from '../platform/clock/clock';
import { toIsoOrNull } from '../platform/clock/instant';
import { CONDITIONS, UNDECIDED, holds } from '../platform/health/conditions';
import { withinMs } from '../platform/health/time-limit';
import { JobRunner } from '../platform/jobs/job-runner';
import { SEAL_VERIFICATION_JOB } from './seal-verification.job';
import { SealsService } from './seals.service';

const WITHIN_MS = 2_000;
/** Events are sealed each minute. If events wait longer than this, sealing has failed, ms. */
const LATE_MS = 15 * 60_000;

/** Whether the audit log is being sealed, and was intact at the last verification. */
@Injectable()
export class AuditHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly seals: SealsService,
    private readonly runner: JobRunner,
    private readonly clock: Clock,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(CONDITIONS['seals.broken'].part);
    try {
      const { waitingSince, madeAt } = await withinMs(WITHIN_MS, this.seals.waiting());
      const [last] = await withinMs(WITHIN_MS, this.runner.runs(SEAL_VERIFICATION_JOB, 1));
      const facts = {
        last_seal: toIsoOrNull(madeAt),
        last_verification: toIsoOrNull(last?.finishedAt ?? null),
      };
      if (last?.status === 'failed')
        return indicator.down({
          ...facts,
          ...holds('seals.broken'),
          reason: last.error ?? 'the verification failed',
        });
      if (waitingSince !== null && this.clock.now() - waitingSince > LATE_MS) {
        const reason =
          'events have waited to be sealed for more than 15 minutes; see the job "seal" in the log';
        return indicator.up({ ...facts, degraded: true, reason });
      }
      return indicator.up(facts);
    } catch {
      return indicator.up({
        ...UNDECIDED,
        degraded: true,
        reason: 'the database did not return the newest seal of the audit log',
      });
    }
  }
}
