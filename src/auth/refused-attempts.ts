import { Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { JournalService, type JournalEvent } from '../audit/journal.service';
import { Clock } from '../platform/clock/clock';
import { toIso } from '../platform/clock/instant';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { Log } from '../platform/logging/log';

/** One event per key in this time, ms. */
const WINDOW_MS = 60_000;
/** How often each process looks for windows that are over, ms. */
const CHECK_MS = 15_000;
/** Keys in memory; of more, the oldest are recorded early. */
const KEYS_MAX = 10_000;

/** A refused attempt; the time is set when it is recorded. */
export type RefusedAttempt = Omit<JournalEvent, 'at'>;

interface Window {
  begun: number;
  /** Attempts that are not recorded yet, and the newest of them. */
  count: number;
  since: number;
  latest: RefusedAttempt;
}

/**
 * Records refused attempts in the journal without letting them fill it: the first of a key at once, further ones
 * within a minute as one event with their number (`attempts`) and the time of the first (`since`). What is counted
 * and not recorded yet is recorded at a stop; a process that is killed loses counts of up to a minute, never the
 * first attempt.
 */
@Injectable()
export class RefusedAttempts implements OnModuleInit, BeforeApplicationShutdown {
  private readonly windows = new Map<string, Window>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly journal: JournalService,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.recordDue(), CHECK_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.record([...this.windows.keys()]);
  }

  /** Resolves when the attempt is on disk, or at once if it is only counted. */
  async note(key: string, attempt: RefusedAttempt): Promise<void> {
    const now = this.clock.now();
    void this.recordDue();
    const window = this.windows.get(key);
    if (window) {
      if (window.count === 0) window.since = now;
      window.count += 1;
      window.latest = attempt;
      return;
    }
    this.windows.set(key, { begun: now, count: 0, since: now, latest: attempt });
    try {
      await this.unitOfWork.write((em) => this.journal.append(em, { ...attempt, at: now }));
    } catch (error) {
      this.windows.delete(key);
      throw error;
    }
  }

  private async recordDue(): Promise<void> {
    const now = this.clock.now();
    const due: string[] = [];
    // In the order in which they began. A clock that was set back ends them all.
    for (const [key, { begun }] of this.windows) {
      const isOver = now >= begun + WINDOW_MS || now < begun;
      if (!isOver && this.windows.size - due.length <= KEYS_MAX) break;
      due.push(key);
    }
    await this.record(due);
  }

  private async record(keys: readonly string[]): Promise<void> {
    const at = this.clock.now();
    const counted: Window[] = [];
    for (const key of keys) {
      const window = this.windows.get(key)!;
      this.windows.delete(key);
      if (window.count === 0) continue;
      counted.push({ ...window });
      // The next event of this key is due a minute later.
      this.windows.set(key, Object.assign(window, { begun: at, count: 0 }));
    }
    if (counted.length === 0) return;
    try {
      await this.unitOfWork.write(async (em) => {
        for (const window of counted) await this.journal.append(em, summed(window, at));
      });
    } catch (error) {
      const attempts = counted.reduce((sum, { count }) => sum + count, 0);
      this.log.error('counts of refused attempts could not be recorded', { attempts, error });
    }
  }
}

function summed({ count, since, latest }: Window, at: number): JournalEvent {
  return { ...latest, at, details: { ...latest.details, attempts: count, since: toIso(since) } };
}
