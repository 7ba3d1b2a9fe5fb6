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
 * came. At most `share` jobs of one owner, and at most `share` large ones, run at the same time. Adding and taking are
 * O(owners that wait). No maps, see `InFlight`: they would be empty most of the time.
 */
export class FairQueue<Job extends Waiting> {
  /** The waiting jobs of each owner, none of them empty; the first owner is next. */
  private readonly lines: Job[][] = [];
  private readonly running: Job[] = [];
  private waitingCount = 0;

  constructor(private readonly limits: FairQueueLimits) {}

  /** False when too many wait; `owner` says whether those of the same owner are too many. */
  admits(owner: string): 'yes' | 'full' | 'owner' {
    if ((this.lineOf(owner)?.length ?? 0) >= this.limits.waitingOfOwner) return 'owner';
    return this.waitingCount < this.limits.waiting ? 'yes' : 'full';
  }

  add(job: Job): void {
    const line = this.lineOf(job.owner);
    if (line === undefined) this.lines.push([job]);
    else line.push(job);
    this.waitingCount += 1;
  }

  /** The next job that may run now, counted as running until `done`; undefined when none may. */
  take(): Job | undefined {
    if (this.running.length >= this.limits.running) return undefined;
    const at = this.lines.findIndex(([job]) => this.mayRun(job!));
    if (at < 0) return undefined;
    const [line] = this.lines.splice(at, 1);
    const job = line!.shift()!;
    // The owner goes to the end of the row of owners.
    if (line!.length > 0) this.lines.push(line!);
    this.running.push(job);
    this.waitingCount -= 1;
    return job;
  }

  /** A job that was taken has ended. */
  done(job: Job): void {
    const at = this.running.indexOf(job);
    if (at >= 0) this.running.splice(at, 1);
  }

  /** Takes out all that wait. */
  clear(): Job[] {
    const jobs = this.lines.splice(0).flat();
    this.waitingCount = 0;
    return jobs;
  }

  /** Whether jobs of the owner wait or run. */
  holds(owner: string): boolean {
    return this.lineOf(owner) !== undefined || this.running.some((job) => job.owner === owner);
  }

  get waiting(): number {
    return this.waitingCount;
  }

  private mayRun({ owner, large }: Job): boolean {
    const { share } = this.limits;
    if (large && this.running.filter((job) => job.large).length >= share) return false;
    return this.running.filter((job) => job.owner === owner).length < share;
  }

  private lineOf(owner: string): Job[] | undefined {
    return this.lines.find(([job]) => job!.owner === owner);
  }
}
