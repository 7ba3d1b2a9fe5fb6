import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AppError } from '../platform/errors/app-error';
import type { Job, JobSummary } from '../platform/jobs/job';
import { JobRunner } from '../platform/jobs/job-runner';
import { SealVerification } from './seal-verification.service';

export const SEAL_VERIFICATION_JOB = 'seal-verification';

/** Recomputes all seals every night. A run fails when one is broken, so health and metrics say so until one succeeds. */
@Injectable()
export class SealVerificationJob implements Job, OnModuleInit {
  readonly id = SEAL_VERIFICATION_JOB;
  readonly cron = '30 4 * * *';
  readonly deadlineMs = 6 * 3_600_000;

  constructor(
    private readonly verification: SealVerification,
    private readonly runner: JobRunner,
  ) {}

  onModuleInit(): void {
    this.runner.add(this);
  }

  async run(): Promise<JobSummary> {
    const { intact, events, sealedThrough, firstBadSeq, reason } = await this.verification.run();
    if (!intact) throw broken(firstBadSeq, reason);
    return { events, sealed_through: sealedThrough };
  }
}

function broken(firstBadSeq: number | null, reason: string | null): AppError {
  const where = `from event ${firstBadSeq ?? 'unknown'} on: ${reason}`;
  return new AppError('internal', 'seal-broken', `The audit log is not as it was sealed, ${where}.`);
}
