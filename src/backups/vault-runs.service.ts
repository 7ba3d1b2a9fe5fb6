import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { AppError } from '../platform/errors/app-error';
import type { JobSummary, RunLease } from '../platform/jobs/job';
import { BackupMarksService } from './backup-marks.service';
import type { CopyRequest } from './copy-planner';
import { CopyService } from './copy.service';
import type { BackupRunRow, VerificationRow, VerificationStatus } from './domain/vault.entity';
import { VaultExpiry } from './expiry';
import { VaultMetrics } from './vault-metrics';
import type { VerificationScope } from './verification-planner';
import { VerificationService } from './verification.service';

/** What the jobs do: copies and verifications, measured, with what follows from them. */
@Injectable()
export class VaultRunsService {
  constructor(
    private readonly copies: CopyService,
    private readonly verification: VerificationService,
    private readonly expiry: VaultExpiry,
    private readonly marks: BackupMarksService,
    private readonly metrics: VaultMetrics,
  ) {}

  /** Copies, and after a full copy verifies it and removes old generations. `onBegun` is called when its record exists. */
  async copy(
    request: CopyRequest,
    signal: AbortSignal,
    lease: RunLease,
    id?: string,
    onBegun?: () => void,
  ): Promise<JobSummary> {
    try {
      const run = await this.measuredCopy(request, lease, signal, id, onBegun);
      if (!run) return { kind: 'nothing new' };
      this.marks.forget();
      if (run.kind === 'full') await this.afterFull(lease, signal);
      return { kind: run.kind, versions: run.versions, bytes: run.bytes };
    } catch (error) {
      throw explained(error, 'copy-failed');
    }
  }

  /** Verifies. Throws an AppError if the backup store is damaged. `onBegun` is called when its record exists. */
  async verify(
    scope: VerificationScope,
    signal: AbortSignal,
    lease: RunLease,
    id?: string,
    onBegun?: () => void,
  ): Promise<JobSummary> {
    try {
      const { status, objects, graphs, versions, error } = await this.measuredVerification(
        scope,
        lease,
        signal,
        id,
        onBegun,
      );
      this.marks.forget();
      if (status === 'corrupt')
        throw new AppError('internal', 'vault-damaged', error ?? 'The backup store is damaged.');
      return { objects, graphs, versions };
    } catch (error) {
      throw explained(error, 'verification-failed');
    }
  }

  private async measuredCopy(
    request: CopyRequest,
    lease: RunLease,
    signal: AbortSignal,
    id?: string,
    onBegun?: () => void,
  ): Promise<BackupRunRow | undefined> {
    const begun = performance.now();
    const took = () => performance.now() - begun;
    try {
      const run = await this.copies.run(request, lease, signal, id, onBegun);
      const outcome = run ? 'stored' : 'nothing_new';
      this.metrics.copyEnded(run?.kind ?? 'incremental', outcome, took(), run?.bytes);
      return run;
    } catch (error) {
      const outcome = signal.aborted ? 'interrupted' : 'failed';
      this.metrics.copyEnded(request === 'full' ? 'full' : 'incremental', outcome, took());
      throw error;
    }
  }

  private async measuredVerification(
    ...[scope, lease, signal, id, onBegun]: Parameters<VerificationService['run']>
  ): Promise<VerificationRow> {
    const begun = performance.now();
    let status: VerificationStatus = 'failed';
    try {
      const row = await this.verification.run(scope, lease, signal, id, onBegun);
      status = row.status;
      return row;
    } finally {
      this.metrics.verificationEnded(status, performance.now() - begun);
    }
  }

  /** Old generations are removed only when a newer one was verified. */
  private async afterFull(lease: RunLease, signal: AbortSignal): Promise<void> {
    const { status } = await this.measuredVerification('newest', lease, signal);
    this.marks.forget();
    if (status === 'verified') await this.expiry.run(lease, signal);
  }
}

/** The error with a message for the job's record and the log. An interruption is returned unchanged. */
function explained(error: unknown, code: string): unknown {
  if (error instanceof AppError || !(error instanceof Error) || error.name === 'LeaseLostError') return error;
  return new AppError('unavailable', code, error.message, { cause: error });
}
