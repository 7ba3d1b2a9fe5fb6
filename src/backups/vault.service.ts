import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { AppError } from '../platform/errors/app-error';
import type { JobSummary, RunLease } from '../platform/jobs/job';
import { JobRunner } from '../platform/jobs/job-runner';
import { CopiedKeysService, type CopiedKeysResult } from './copied-keys.service';
import type { BackupRunKind, BackupRunRow, VerificationRow } from './domain/vault.entity';
import { VaultRecordsService } from './vault-records.service';
import { VaultRunsService } from './vault-runs.service';
import type { VerificationScope } from './verification-planner';

export const COPY_JOB = 'vault-copy';
export const VERIFY_JOB = 'vault-verify';

/** Copies, their verification and their records, for the schedule and for operators. */
@Injectable()
export class VaultService {
  constructor(
    private readonly jobs: JobRunner,
    private readonly runs: VaultRunsService,
    private readonly records: VaultRecordsService,
    private readonly copiedKeys: CopiedKeysService,
  ) {}

  /** Runs a copy by schedule: a full one if it is due, otherwise what is new. */
  scheduledCopy(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    return this.runs.copy('scheduled', signal, lease);
  }

  /** Verifies all segments and a share of the graphs, the least recently verified first. */
  scheduledVerification(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    return this.runs.verify('share', signal, lease);
  }

  /** Starts a copy. 409 if one is running. */
  async startRun(caller: Caller, kind: BackupRunKind): Promise<BackupRunRow> {
    const id = this.records.newId();
    // Recorded first, so that a crash cannot leave a run without a record of who requested it.
    await this.records.note(caller, 'vault.copy_requested', id);
    await this.begin(COPY_JOB, (signal, lease, onBegun) => this.runs.copy(kind, signal, lease, id, onBegun));
    return this.records.run(id);
  }

  /** Starts to verify one run, or everything. 404 for an unknown run, 409 if a verification is running. */
  async startVerification(caller: Caller, runId: string | undefined): Promise<VerificationRow> {
    const run = runId === undefined ? undefined : await this.records.run(runId);
    if (run && (run.object === null || run.sha256 === null))
      throw new AppError(
        'conflict',
        'run-without-copy',
        'This run has no copy: it failed, is still running, or its copy has expired.',
      );
    const id = this.records.newId();
    const scope: VerificationScope = run ? { run } : 'everything';
    await this.records.note(caller, 'vault.verification_requested', id);
    await this.begin(VERIFY_JOB, (signal, lease, onBegun) =>
      this.runs.verify(scope, signal, lease, id, onBegun),
    );
    return this.records.verification(id);
  }

  /**
   * Rewraps the keys in the backup store with the current master key, under the lease of the copy job. Throws a
   * `conflict` AppError if a copy is running, ObjectStoreError, and an Error for a key that does not read back.
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

  /** Starts a run of a job, and waits until its record exists. */
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
