import { Injectable } from '@nestjs/common';
import { JobRunner } from '../platform/jobs/job-runner';
import { USAGE_CHECK_JOB } from './usage-check.job';

/** Result of the last nightly check of the counters; times in ms since the epoch. */
export interface LastCheck {
  status: string;
  at: number;
  /** Null for a check that did not complete. */
  driftedUsers: number | null;
  driftBytes: number | null;
}

/** Reads the records of the nightly checks. */
@Injectable()
export class UsageCheckRecords {
  constructor(private readonly runner: JobRunner) {}

  /** The newest check that has ended; null if there is none. */
  async last(): Promise<LastCheck | null> {
    const runs = await this.runner.runs(USAGE_CHECK_JOB, 2);
    const ended = runs.find(({ finishedAt }) => finishedAt !== null);
    if (!ended) return null;
    const { status, finishedAt, summary } = ended;
    return {
      status,
      at: finishedAt!,
      driftedUsers: (summary?.['drifted_users'] as number | undefined) ?? null,
      driftBytes: (summary?.['drift_bytes'] as number | undefined) ?? null,
    };
  }
}
