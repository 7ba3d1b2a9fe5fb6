import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work';
import type { JobProvider, JobSummary, RunLease } from '../jobs/job';
import { ScheduledJob } from '../jobs/scheduled-job.decorator';
import { Log } from '../logging/log';
import { Clock } from './clock';
import { ClockMarkStore } from './clock-mark.store';
import { hasJumped } from './domain/clock-mark';
import { Steadiness } from './domain/steadiness';
import { toIso } from './instant';

/**
 * After a jump, or a long time without the service, the clock is trusted again when it has run steadily for this
 * long, ms.
 */
const STEADY_MS = 3_600_000;
/** How often each process compares its wall clock with its monotonic clock, ms. */
const OBSERVE_MS = 60_000;

/**
 * Decides whether the clock can be trusted by jobs that remove old data. Every hour a time is recorded at which the
 * clock was right. A clock that is more than a day ahead of that record is in doubt: it jumped, or no process ran for so
 * long, which looks the same from inside. It is trusted again when it is set back, when an operator says so (`force`),
 * or when it has run in step with the monotonic clock of this process for an hour. Times in the journal prove nothing
 * once a wrong clock has written them; the newest one is only where the record begins.
 */
@ScheduledJob({ id: 'clock', cron: '7 * * * *', deadlineMs: 60_000 })
@Injectable()
export class ClockWatchService implements JobProvider, OnModuleInit, OnApplicationShutdown {
  private readonly steadiness: Steadiness;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly marks: ClockMarkStore,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.steadiness = new Steadiness(clock.now(), clock.monotonic());
  }

  onModuleInit(): void {
    this.timer = setInterval(() => this.steadyFor(), OBSERVE_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /**
   * Starts to follow the clock if this database has no mark yet. `newestEventAt` (ms since the epoch) is the time of
   * the newest event in the journal, the last time the installation is known to have run; undefined: no events.
   */
  async begin(newestEventAt: () => Promise<number | undefined>): Promise<void> {
    if (await this.unitOfWork.read((em) => this.marks.find(em))) return;
    const at = (await newestEventAt()) ?? this.clock.now();
    await this.unitOfWork.write((em) => this.marks.begin(em, at));
  }

  async run(_: AbortSignal, lease: RunLease): Promise<JobSummary> {
    return { trusted: await this.check(lease) };
  }

  /** Whether the clock can be trusted; if so, records that it is right now. */
  async check(lease: Pick<RunLease, 'guard'>): Promise<boolean> {
    const seenAt = await this.seenAt();
    const now = this.clock.now();
    if (!this.trusts(seenAt, now)) return false;
    await this.note(now, lease);
    if (hasJumped(seenAt, now))
      this.log.warn('the clock is trusted again: it has run steadily for an hour', {
        seen_at: toIso(seenAt),
      });
    return true;
  }

  /** Called when an operator confirms the time. */
  accept(lease: Pick<RunLease, 'guard'>): Promise<void> {
    return this.note(this.clock.now(), lease);
  }

  /** Whether the clock can be trusted, without recording anything. */
  async isTrusted(): Promise<boolean> {
    return this.trusts(await this.seenAt(), this.clock.now());
  }

  /** When the clock was last known to be right, ms since the epoch. */
  private async seenAt(): Promise<number> {
    const mark = await this.unitOfWork.read((em) => this.marks.find(em));
    return mark?.seen_at ?? this.clock.now();
  }

  private trusts(seenAt: number, now: number): boolean {
    const steadyFor = this.steadyFor();
    return !hasJumped(seenAt, now) || steadyFor >= STEADY_MS;
  }

  private steadyFor(): number {
    return this.steadiness.observe(this.clock.now(), this.clock.monotonic());
  }

  private async note(now: number, lease: Pick<RunLease, 'guard'>): Promise<void> {
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.marks.setSeenAt(em, now);
    });
  }
}
