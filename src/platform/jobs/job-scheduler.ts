import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';
import { AppConfig } from '../config/app-config';
import { Log } from '../logging/log';
import type { JobProvider } from './job';
import { JobRunner } from './job-runner';
import { ScheduledJob, cronOf } from './scheduled-job.decorator';
import { WorkWatch } from './work-watch';

/** How often missed runs are started: after a pause of the process, a restart, or a killed run; ms. */
const CATCH_UP_EVERY_MS = 1_000;
/** How often jobs are asked whether they have work between the times of their schedule, ms. */
const LOOK_EVERY_MS = 1_000;

/**
 * Finds the providers that `@ScheduledJob` declares, and starts their runs with `@nestjs/schedule`. A cron job there
 * only asks `JobRunner` whether the job is due: the lease in the database and `Clock` decide (decision 0035).
 */
@Injectable()
export class JobScheduler implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly registry: SchedulerRegistry,
    private readonly runner: JobRunner,
    private readonly config: AppConfig,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    for (const wrapper of this.discovery.getProviders({ metadataKey: ScheduledJob.KEY })) {
      const options = this.discovery.getMetadataByDecorator(ScheduledJob, wrapper);
      if (!options) continue;
      const provider = wrapper.instance as JobProvider;
      this.runner.register({
        id: options.id,
        cron: cronOf(options, this.config),
        deadlineMs: options.deadlineMs,
        run: (signal, lease) => provider.run(signal, lease),
        ...(provider.hasWork && { hasWork: () => provider.hasWork!() }),
        ...(provider.runOn && { runOn: (signal, lease) => provider.runOn!(signal, lease) }),
      });
    }
  }

  /** Starts running jobs at their times. Not for tools and tests, which call `JobRunner` themselves. */
  start(): void {
    for (const { id, cron } of this.runner.jobs()) {
      const job = CronJob.from({
        cronTime: cron,
        // UTC, as a number: for the name of a time zone, Node.js loads its tables.
        utcOffset: 0,
        onTick: () => void this.runner.runIfDue(id),
        unrefTimeout: true,
      });
      this.registry.addCronJob(id, job);
      job.start();
    }
    for (const job of this.runner.jobs().filter((one) => one.hasWork !== undefined)) {
      const watch = new WorkWatch(job, this.runner, this.log);
      // What a process that died has left is not left waiting.
      void watch.look();
      const look = setInterval(() => void watch.look(), LOOK_EVERY_MS).unref();
      this.registry.addInterval(`work-of-${job.id}`, look);
    }
    const catchUp = setInterval(() => void this.runner.runDueJobs(), CATCH_UP_EVERY_MS).unref();
    this.registry.addInterval('due-jobs', catchUp);
  }
}
