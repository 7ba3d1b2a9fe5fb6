import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService, type Action, type JournalEvent } from '../audit/journal.service';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidText } from '../platform/ids/uuid';
import { NO_COUNTS, type FailedItem, type PassCounts } from './domain/pass-counts';
import { nextAfterFailure, nextAfterSuccess } from './domain/schedule';
import { RUN_STATUSES, type SourceRunRow, type SourceRunStatus } from './domain/source-run.entity';
import type { SourceRow } from './domain/source.entity';
import { SourceItemsStore } from './source-items.store';
import { SourceRunsStore } from './source-runs.store';
import { SourcesStore } from './sources.store';

/** A run that has begun. */
export interface BegunRun {
  /** The number of the job's run that has claimed the source. */
  claim: number;
  /** The source as it was before. */
  source: SourceRow;
  record: SourceRunRow;
}

/** How a run ended. */
export interface RunEnd {
  status: Exclude<SourceRunStatus, 'running'>;
  counts: PassCounts;
  failedItems: readonly FailedItem[];
  /** Why it failed: a sentence for the owner. */
  failure: string | null;
  /** Seconds after which the tool wants to be asked again. */
  retryAfter?: number | undefined;
}

/** Records the runs of sources: their rows, the state of the source, and the journal when a source begins to fail. */
@Injectable()
export class SourceRecordsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sources: SourcesStore,
    private readonly items: SourceItemsStore,
    private readonly runs: SourceRunsStore,
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {}

  /** Claims a due source for a run of the job. Undefined if it is not due any more. */
  async begin(
    source: SourceRow,
    claim: number,
    guard: (em: EntityManager) => Promise<void>,
  ): Promise<BegunRun | undefined> {
    const now = this.clock.now();
    const record: SourceRunRow = {
      user_key: source.user_key,
      source_key: source.key,
      number: source.runs + 1,
      status: RUN_STATUSES.indexOf('running'),
      started_at: now,
      finished_at: null,
      ...NO_COUNTS,
      failure: null,
      failed_items: null,
    };
    return this.unitOfWork.write(async (em) => {
      await guard(em);
      if (!(await this.sources.claim(em, source, claim, now))) return undefined;
      await this.runs.begin(em, record);
      return { claim, source, record };
    });
  }

  /** Records the end of a run and when the next one is due. */
  async end(run: BegunRun, end: RunEnd): Promise<void> {
    const now = this.clock.now();
    const { status, counts, failedItems, failure } = end;
    await this.unitOfWork.write(async (em) => {
      await this.runs.end(em, {
        ...run.record,
        ...counts,
        status: RUN_STATUSES.indexOf(status),
        finished_at: now,
        failure,
        failed_items: failedItems.length === 0 ? null : JSON.stringify(failedItems),
      });
      const released = await this.release(em, run, end, now);
      if (released) await this.announce(em, run.source, end, now);
    });
  }

  private async release(em: EntityManager, run: BegunRun, end: RunEnd, now: number): Promise<boolean> {
    const { source } = run;
    const known = await this.items.counts(em, { user_key: source.user_key, source_key: source.key });
    const failures = failuresAfter(source, end);
    return this.sources.release(em, source, {
      run: run.claim,
      as_claimed: source.next_attempt_at ?? now,
      next: this.next(source, end, failures, now),
      last_success_at: end.status === 'done' ? now : null,
      failures,
      failure: end.status === 'interrupted' ? source.failure : end.failure,
      items: known.items,
      changed: end.counts.created + end.counts.changed,
      gone: known.gone,
      with_secrets: known.withSecrets,
    });
  }

  private next(source: SourceRow, end: RunEnd, failures: number, now: number): number | null {
    if (source.enabled === 0) return null;
    // Continues with the next run of the job.
    if (end.status === 'interrupted') return now;
    return end.status === 'done'
      ? nextAfterSuccess(now, source.every_minutes, Math.random())
      : nextAfterFailure(now, source.every_minutes, failures, end.retryAfter, Math.random());
  }

  /** One event when a source begins to fail and one when it works again; none for the failures between. */
  private async announce(em: EntityManager, source: SourceRow, end: RunEnd, now: number): Promise<void> {
    const begins = end.status === 'failed' && source.failures === 0;
    const recovers = end.status === 'done' && source.failures > 0;
    if (!begins && !recovers) return;
    const action: Action = begins ? 'source.failing' : 'source.recovered';
    const { user_key: userKey } = source;
    const details: JournalEvent['details'] = begins ? { reason: end.failure } : { failures: source.failures };
    await this.journal.append(em, {
      action,
      at: now,
      userKey,
      actorKey: null,
      subjectId: uuidText(source.id),
      details,
    });
  }
}

function failuresAfter({ failures }: SourceRow, { status }: RunEnd): number {
  if (status === 'done') return 0;
  return status === 'failed' ? failures + 1 : failures;
}
