import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { AppError } from '../platform/errors/app-error';
import type { JobSummary, RunLease } from '../platform/jobs/job';
import { JobRunner } from '../platform/jobs/job-runner';
import { CopiedKeysService, type CopiedKeysResult } from './copied-keys.service';
import { CopyService, type CopyRequest } from './copy.service';
import type { BackupRunKind, BackupRunRow, VerificationRow, VerificationStatus } from './domain/vault.entity';
import { VaultExpiry } from './expiry';
import { VaultMetrics } from './vault-metrics';
import { VaultRecordsService } from './vault-records.service';
import { VerificationService, type VerificationScope } from './verification.service';

export const COPY_JOB = 'vault-copy';
export const VERIFY_JOB = 'vault-verify';

/** Copies, their verification and their records, for the schedule and for operators. */
@Injectable()
export class VaultService {
  constructor(
    private readonly jobs: JobRunner,
    private readonly copies: CopyService,
    private readonly verification: VerificationService,
    private readonly expiry: VaultExpiry,
    private readonly records: VaultRecordsService,
    private readonly metrics: VaultMetrics,
    private readonly copiedKeys: CopiedKeysService,
  ) {}

  /** Runs a copy by schedule: a full one when it is due, else what is new. */
  scheduledCopy(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    return this.copy('scheduled', signal, lease);
  }

  /** Verifies all segments and a share of the graphs, the least recently verified first. */
  scheduledVerification(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    return this.verify('share', signal, lease);
  }

  /** Begins a copy. 409 while one is being made. */
  async startRun(caller: Caller, kind: BackupRunKind): Promise<BackupRunRow> {
    const id = this.records.newId();
    // Recorded first, so that a crash cannot leave a run without a record of who requested it.
    await this.records.note(caller, 'vault.copy_requested', id);
    await this.begin(COPY_JOB, (signal, lease, onBegun) => this.copy(kind, signal, lease, id, onBegun));
    return this.records.run(id);
  }

  /** Begins to verify one run, or everything. 404 for a run that is not there, 409 while a verification runs. */
  async startVerification(caller: Caller, runId: string | undefined): Promise<VerificationRow> {
    const run = runId === undefined ? undefined : await this.records.run(runId);
    if (run && (run.object === null || run.sha256 === null))
      throw new AppError(
        'conflict',
        'run-without-copy',
        'That run has no copy: it failed, still runs, or its copy has expired.',
      );
    const id = this.records.newId();
    const scope: VerificationScope = run ? { run } : 'everything';
    await this.records.note(caller, 'vault.verification_requested', id);
    await this.begin(VERIFY_JOB, (signal, lease, onBegun) => this.verify(scope, signal, lease, id, onBegun));
    return this.records.verification(id);
  }

  /**
   * Rewraps the keys in the store with the current master key, while no copy is being made. Throws a `conflict`
   * AppError while one is, ObjectStoreError, and an Error for a key that does not read back.
   */
  async rewrapCopiedKeys(signal: AbortSignal): Promise<CopiedKeysResult> {
    let result: CopiedKeysResult | undefined;
    let failure: Error | undefined;
    const { ended } = await this.jobs.trigger(COPY_JOB, async (aborted) => {
      try {
        result = await this.copiedKeys.rewrap(AbortSignal.any([signal, aborted]));
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
        throw error;
      }
      return { kind: 'keys', keys: result.proven };
    });
    const { error } = await ended;
    if (!result) throw failure ?? new Error(error ?? 'The keys of the copies were not rewrapped.');
    return result;
  }

  private async copy(
    wish: CopyRequest,
    signal: AbortSignal,
    lease: RunLease,
    id?: string,
    onBegun?: () => void,
  ): Promise<JobSummary> {
    try {
      const run = await this.measuredCopy(wish, lease, signal, id, onBegun);
      if (!run) return { kind: 'nothing new' };
      this.records.marks.forget();
      if (run.kind === 'full') await this.afterFull(lease, signal);
      return { kind: run.kind, versions: run.versions, bytes: run.bytes };
    } catch (error) {
      throw explained(error, 'copy-failed');
    }
  }

  private async measuredCopy(
    wish: CopyRequest,
    lease: RunLease,
    signal: AbortSignal,
    id?: string,
    onBegun?: () => void,
  ): Promise<BackupRunRow | undefined> {
    const begun = performance.now();
    const took = () => performance.now() - begun;
    try {
      const run = await this.copies.run(wish, lease, signal, id, onBegun);
      const outcome = run ? 'stored' : 'nothing_new';
      this.metrics.copyEnded(run?.kind ?? 'incremental', outcome, took(), run?.bytes);
      return run;
    } catch (error) {
      const outcome = signal.aborted ? 'interrupted' : 'failed';
      this.metrics.copyEnded(wish === 'full' ? 'full' : 'incremental', outcome, took());
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

  /** A generation that has been proven to be good lets an old one go. */
  private async afterFull(lease: RunLease, signal: AbortSignal): Promise<void> {
    const { status } = await this.measuredVerification('newest', lease, signal);
    this.records.marks.forget();
    if (status === 'verified') await this.expiry.run(lease, signal);
  }

  private async verify(
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
      this.records.marks.forget();
      if (status === 'corrupt')
        throw new AppError('internal', 'vault-damaged', error ?? 'The vault is damaged.');
      return { objects, graphs, versions };
    } catch (error) {
      throw explained(error, 'verification-failed');
    }
  }

  /** Begins a job's run by hand, and waits until its record is there. */
  private async begin(
    job: string,
    work: (signal: AbortSignal, lease: RunLease, onBegun: () => void) => Promise<JobSummary>,
  ): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.jobs
        .trigger(job, (signal, lease) => work(signal, lease, resolve))
        .then(({ ended }) => ended)
        .then(() => resolve(), reject);
    });
  }
}

/** The error as a sentence for the job's record and the log. An interruption is returned unchanged. */
function explained(error: unknown, code: string): unknown {
  if (error instanceof AppError || !(error instanceof Error) || error.name === 'LeaseLostError') return error;
  return new AppError('unavailable', code, error.message, { cause: error });
}
