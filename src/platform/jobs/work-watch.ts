import { AppError } from '../errors/app-error';
import type { Log } from '../logging/log';
import type { Job } from './job';
import type { JobRunner } from './job-runner';

/** Starts a job between the times of its schedule when it says that it has work. */
export class WorkWatch {
  private isBusy = false;

  constructor(
    private readonly job: Job,
    private readonly runner: Pick<JobRunner, 'trigger'>,
    private readonly log: Pick<Log, 'error'>,
  ) {}

  /** Asks the job once, unless a run that was started here goes on; resolves when the run has ended. Never rejects. */
  async look(): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      const { job } = this;
      if (!(await job.hasWork?.())) return;
      const run = await this.runner.trigger(job.id, (signal, lease) =>
        job.runOn ? job.runOn(signal, lease) : job.run(signal, lease),
      );
      await run.ended;
    } catch (error) {
      // Another replica runs it, or the service stops: both are usual.
      if (error instanceof AppError && ['conflict', 'unavailable'].includes(error.kind)) return;
      this.log.error('a job could not be started', { job: this.job.id, error });
    } finally {
      this.isBusy = false;
    }
  }
}
