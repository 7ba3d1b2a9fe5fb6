import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { UnitOfWork } from '../database/unit-of-work';
import { Metrics } from '../metrics/metrics';
import { sharedRead } from '../metrics/shared-read';
import { RUN_STATUSES, type RunStatus } from './job.entity';
import { JobsStore } from './jobs.store';

/** Metrics of the jobs. */
@Injectable()
export class JobMetrics {
  private readonly runs: Counter;
  private readonly running: Gauge;
  private readonly known = new Set<string>();

  constructor(metrics: Metrics, unitOfWork: UnitOfWork, store: JobsStore) {
    const labelNames = ['job_name'];
    const registers = [metrics.registry];
    this.runs = new Counter({
      name: 'graphomat_job_runs_total',
      help: 'Runs of jobs that ended in this process, by status.',
      labelNames: ['job_name', 'status'],
      registers,
    });
    this.running = new Gauge({
      name: 'graphomat_job_running',
      help: '1 while this process holds the lease of the job and runs it.',
      labelNames,
      registers,
    });
    // From the records, so that all replicas report the same, also after a restart.
    const collect = sharedRead(async () => fill(await unitOfWork.read((em) => store.newest(em))));
    const gauge = (name: string, help: string) =>
      new Gauge({ name: `graphomat_job_last_${name}`, help, labelNames, registers, collect });
    const start = gauge('start_timestamp_seconds', 'When a run of the job last started, in any process.');
    const success = gauge(
      'success_timestamp_seconds',
      'When a run of the job last succeeded, in any process.',
    );
    const failed = gauge('failed', '1 if the newest completed run of the job failed.');
    const fill = (rows: Awaited<ReturnType<JobsStore['newest']>>) => {
      for (const { job_id: job_name, begun, succeeded, status } of rows) {
        // The database may have rows of jobs that this program no longer has.
        if (!this.known.has(job_name)) continue;
        start.set({ job_name }, begun / 1_000);
        if (succeeded !== null) success.set({ job_name }, succeeded / 1_000);
        failed.set({ job_name }, status === 'failed' ? 1 : 0);
      }
    };
  }

  /** Starts the series of a job at 0, because an alert sees an increase only from an existing value. */
  register(job: string): void {
    this.known.add(job);
    this.running.set({ job_name: job }, 0);
    for (const status of RUN_STATUSES) if (status !== 'running') this.runs.inc({ job_name: job, status }, 0);
  }

  begun(job: string): void {
    this.running.set({ job_name: job }, 1);
  }

  ended(job: string, status: RunStatus): void {
    this.running.set({ job_name: job }, 0);
    this.runs.inc({ job_name: job, status });
  }
}
