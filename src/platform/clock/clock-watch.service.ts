import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from './clock';
import { UnitOfWork } from '../database/unit-of-work';
import type { Job, JobSummary, RunLease } from '../jobs/job';
import { JobRunner } from '../jobs/job-runner';
import { ClockMarkStore } from './clock-mark.store';
import { hasJumped } from './domain/clock-mark';

/**
 * Follows the clock, so that a jump can be told from time that has passed. Every hour a time is noted at which the
 * clock was seen to be right; when it is suddenly more than a day ahead of that, nothing is noted any more until it
 * has come back or an operator has said that the time is right (`force`). A service that did not run for more than a
 * day looks the same, and asks the same. Events of the journal are no help once they are written by a wrong clock;
 * the newest one is where it begins.
 */
@Injectable()
export class ClockWatch implements Job, OnModuleInit {
  readonly id = 'clock';
  readonly cron = '7 * * * *';
  readonly deadlineMs = 60_000;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly marks: ClockMarkStore,
    private readonly clock: Clock,
    private readonly runner: JobRunner,
  ) {}

  onModuleInit(): void {
    this.runner.add(this);
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
    return { jumped: await this.look((em) => lease.guard(em)) };
  }

  /** Whether the clock has jumped; when not, notes that it was right. */
  async look(guard: (em: EntityManager) => Promise<void>): Promise<boolean> {
    const now = this.clock.now();
    if (hasJumped(await this.seenAt(), now)) return true;
    await this.note(now, guard);
    return false;
  }

  /** The operator says that the time is right. */
  accept(guard: (em: EntityManager) => Promise<void>): Promise<void> {
    return this.note(this.clock.now(), guard);
  }

  /** When the clock was last seen to be right, ms since the epoch. */
  async seenAt(): Promise<number> {
    const mark = await this.unitOfWork.read((em) => this.marks.find(em));
    return mark?.seen_at ?? this.clock.now();
  }

  /** Whether the clock has jumped, without noting anything. */
  async hasJumped(): Promise<boolean> {
    return hasJumped(await this.seenAt(), this.clock.now());
  }

  private async note(now: number, guard: (em: EntityManager) => Promise<void>): Promise<void> {
    await this.unitOfWork.write(async (em) => {
      await guard(em);
      await this.marks.see(em, now);
    });
  }
}
