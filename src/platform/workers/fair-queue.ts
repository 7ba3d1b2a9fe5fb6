/** What the queue knows of a waiting job. */
export interface Waiting {
  /** For whom the job is done; owners take turns. */
  readonly owner: string;
  /** Large jobs leave one worker to the others, so that a small job never waits for all of them. */
  readonly large: boolean;
}

/** Bounds on what waits, and how many jobs run at the same time. */
export interface FairQueueLimits {
  readonly running: number;
  readonly waiting: number;
  readonly waitingOfOwner: number;
  /** One owner's jobs that run at the same time, and large jobs that do. */
  readonly share: number;
}

/**
 * Jobs that wait for a worker. Owners take turns, one job each; an owner's own jobs run in the order in which they
 * came. At most `share` jobs of one owner, and at most `share` large ones, run at the same time. Adding is O(1),
 * taking is O(owners that wait).
 */
export class FairQueue<Job extends Waiting> {
  private readonly lines = new Map<string, Job[]>();
  private readonly running = new Map<string, number>();
  private waitingCount = 0;
  private runningCount = 0;
  private largeCount = 0;

  constructor(private readonly limits: FairQueueLimits) {}

  /** False when too many wait; `owner` says whether those of the same owner are too many. */
  admits(owner: string): 'yes' | 'full' | 'owner' {
    if ((this.lines.get(owner)?.length ?? 0) >= this.limits.waitingOfOwner) return 'owner';
    return this.waitingCount < this.limits.waiting ? 'yes' : 'full';
  }

  add(job: Job): void {
    const line = this.lines.get(job.owner);
    if (line === undefined) this.lines.set(job.owner, [job]);
    else line.push(job);
    this.waitingCount += 1;
  }

  /** The next job that may run now, counted as running until `done`; undefined when none may. */
  take(): Job | undefined {
    if (this.runningCount >= this.limits.running) return undefined;
    for (const [owner, line] of this.lines) {
      const [job] = line;
      if (job === undefined || !this.mayRun(job)) continue;
      line.shift();
      // The owner goes to the end of the row of owners.
      this.lines.delete(owner);
      if (line.length > 0) this.lines.set(owner, line);
      this.count(job, 1);
      this.waitingCount -= 1;
      return job;
    }
    return undefined;
  }

  /** A job that was taken has ended. */
  done(job: Job): void {
    this.count(job, -1);
  }

  /** Takes out all that wait. */
  clear(): Job[] {
    const jobs = [...this.lines.values()].flat();
    this.lines.clear();
    this.waitingCount = 0;
    return jobs;
  }

  get waiting(): number {
    return this.waitingCount;
  }

  private mayRun({ owner, large }: Job): boolean {
    if (large && this.largeCount >= this.limits.share) return false;
    return (this.running.get(owner) ?? 0) < this.limits.share;
  }

  private count({ owner, large }: Job, by: 1 | -1): void {
    this.runningCount += by;
    if (large) this.largeCount += by;
    const count = (this.running.get(owner) ?? 0) + by;
    if (count > 0) this.running.set(owner, count);
    else this.running.delete(owner);
  }
}
