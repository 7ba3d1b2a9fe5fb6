import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { UnitOfWork } from '../platform/database/unit-of-work';
import type { JobProvider, JobSummary, RunLease } from '../platform/jobs/job';
import { ScheduledJob } from '../platform/jobs/scheduled-job.decorator';
import { Log } from '../platform/logging/log';
import type { SourceRow } from './domain/source.entity';
import { SourcesStore } from './sources.store';
import { SyncService } from './sync.service';

export const SYNC_JOB = 'sources-sync';

/** Sources that are read at the same time, and those of one user among them. */
const AT_ONCE = 4;
const AT_ONCE_OF_USER = 2;
/** Due sources that are read from the database at a time. */
const BATCH = 200;
/** How long a run takes new sources; those it has begun may take longer, ms. */
const TAKES_FOR_MS = 10 * 60_000;
/** How often a run looks for sources that have become due while others are read, ms. */
const LOOK_EVERY_MS = 1_000;
const DEADLINE_MS = 60 * 60_000;

/** Reads the sources that are due. */
@ScheduledJob({ id: SYNC_JOB, cron: '* * * * *', deadlineMs: DEADLINE_MS })
@Injectable()
export class SourcesSyncJob implements JobProvider {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sources: SourcesStore,
    private readonly sync: SyncService,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    private readonly log: Log,
  ) {}

  async run(signal: AbortSignal, lease: RunLease): Promise<JobSummary> {
    if (this.config.get('SOURCES') === 'off') return { sources: 0 };
    const running = new Map<SourceRow, Promise<void>>();
    const end = this.clock.monotonic() + TAKES_FOR_MS;
    let done = 0;
    const start = (source: SourceRow) => {
      const work = this.sync
        .run(source, lease.runNumber, (em) => lease.guard(em), signal)
        .then((ran) => void (done += ran ? 1 : 0))
        .catch((error: unknown) => this.log.error('a run of a source could not be recorded', { error }))
        .finally(() => running.delete(source));
      running.set(source, work);
    };
    for (;;) {
      const isOpen = !signal.aborted && this.clock.monotonic() < end;
      const started = isOpen ? await this.startDue(lease.runNumber, running, start) : 0;
      if (running.size === 0 && started === 0) break;
      await Promise.race([...running.values(), delay(LOOK_EVERY_MS, undefined, { ref: false })]);
    }
    signal.throwIfAborted();
    return { sources: done };
  }

  /** Starts due sources as long as there is room; returns how many. */
  private async startDue(
    runNumber: number,
    running: ReadonlyMap<SourceRow, unknown>,
    start: (source: SourceRow) => void,
  ): Promise<number> {
    if (running.size >= AT_ONCE) return 0;
    const due = await this.unitOfWork.read((em) => this.sources.due(em, this.clock.now(), runNumber, BATCH));
    let started = 0;
    for (const source of due) {
      const current = [...running.keys()];
      const ofUser = current.filter(({ user_key }) => user_key === source.user_key);
      const isRunning = ofUser.some(({ key }) => key === source.key);
      if (current.length >= AT_ONCE) break;
      if (isRunning || ofUser.length >= AT_ONCE_OF_USER) continue;
      start(source);
      started += 1;
    }
    return started;
  }
}
