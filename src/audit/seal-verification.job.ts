import { Injectable } from '@nestjs/common';
import { AppError } from '../platform/errors/app-error';
import type { JobProvider, JobSummary } from '../platform/jobs/job';
import { ScheduledJob } from '../platform/jobs/scheduled-job.decorator';
import { SealVerificationService } from './seal-verification.service';

export const SEAL_VERIFICATION_JOB = 'seal-verification';

/**
 * Recomputes all seals every night. A run fails if one is broken; health and metrics report it until a run succeeds.
 */
@ScheduledJob({ id: SEAL_VERIFICATION_JOB, cron: '30 4 * * *', deadlineMs: 6 * 3_600_000 })
@Injectable()
export class SealVerificationJob implements JobProvider {
  constructor(private readonly verification: SealVerificationService) {}

  async run(): Promise<JobSummary> {
    const { intact, events, sealedThrough, firstBadSeq, reason } = await this.verification.run();
    if (!intact) throw broken(firstBadSeq, reason);
    return { events, sealed_through: sealedThrough };
  }
}

function broken(firstBadSeq: number | null, reason: string | null): AppError {
  const where = `from event ${firstBadSeq ?? 'unknown'} on: ${reason}`;
  return new AppError('internal', 'seal-broken', `The audit log differs from its seals, ${where}.`);
}
