import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import type { Job, JobSummary, RunLease } from '../platform/jobs/job';
import { JobRunner } from '../platform/jobs/job-runner';
import { ClockWatch } from '../platform/clock/clock-watch.service';
import { SealsService } from './seals.service';

const DAY_MS = 86_400_000;

/** Seals the journal each minute, and removes sealed events past AUDIT_RETENTION_DAYS. */
@Injectable()
export class SealJob implements Job, OnModuleInit {
  readonly id = 'seal';
  /** What was written since the last run is outside the proof: a minute, and a run's length. */
  readonly cron = '* * * * *';
  readonly deadlineMs = 10 * 60_000;

  constructor(
    private readonly seals: SealsService,
    private readonly runner: JobRunner,
    private readonly config: AppConfig,
    private readonly clock: Clock,
    private readonly clockWatch: ClockWatch,
  ) {}

  onModuleInit(): void {
    this.runner.add(this);
  }

  async run(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    const sealed = await this.seals.seal(signal, lease);
    // By a clock that has jumped ahead, too much would be old.
    if (await this.clockWatch.hasJumped()) return { sealed, expired: 0, clock_jumped: true };
    const before = this.clock.now() - this.config.get('AUDIT_RETENTION_DAYS') * DAY_MS;
    return { sealed, expired: await this.seals.expire(before, signal, lease) };
  }
}
