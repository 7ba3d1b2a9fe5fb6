import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { CONDITIONS, UNDECIDED, holds } from '../platform/health/conditions';
import { withinMs } from '../platform/health/time-limit';
import { uuidText } from '../platform/ids/uuid';
import { SourcesStore } from './sources.store';

const WITHIN_MS = 2_000;
/** Sources are read when they are due. If one waits longer than this, the job does not keep up, ms. */
const LATE_MS = 15 * 60_000;
/** Failing sources that are named. */
const NAMED = 10;

/** Whether sources are read in time, and which ones fail. A failing source is its owner's matter and degrades nothing. */
@Injectable()
export class SourcesHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly unitOfWork: UnitOfWork,
    private readonly store: SourcesStore,
    private readonly clock: Clock,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(CONDITIONS['source.failing'].part);
    try {
      const read = this.unitOfWork.read(async (em) => ({
        oldest: await this.store.oldestDue(em),
        failing: await this.store.failing(em, NAMED + 1),
      }));
      const { oldest, failing } = await withinMs(WITHIN_MS, read);
      const facts = {
        failing: failing.length > NAMED ? `more than ${NAMED}` : failing.length,
        failing_sources: failing.slice(0, NAMED).map(({ id }) => uuidText(id)),
        ...(failing.length > 0 && holds('source.failing')),
      };
      if (oldest !== null && this.clock.now() - oldest > LATE_MS) {
        const reason = 'sources have waited for more than 15 minutes; see the job "sources-sync" in the log';
        return indicator.up({ ...facts, ...holds('source.failing'), degraded: true, reason });
      }
      return indicator.up(facts);
    } catch {
      return indicator.up({
        ...UNDECIDED,
        degraded: true,
        reason: 'the database did not return the state of the sources',
      });
    }
  }
}
