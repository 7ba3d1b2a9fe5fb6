import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { UnitOfWork } from '../database/unit-of-work';
import { Metrics } from '../metrics/metrics';
import type { RunStatus } from './job.entity';
import { JobsStore } from './jobs.store';

/** What the jobs tell Prometheus. */
@Injectable()
export class JobMetrics {
  private readonly runs: Counter;
  private readonly running: Gauge;
  private readonly lastStart: Gauge;

  constructor(metrics: Metrics, unitOfWork: UnitOfWork, store: JobsStore) {
    const registers = [metrics.registry];
    this.runs = new Counter({
      name: 'graphomat_job_runs_total',
      help: 'Runs of jobs that ended in this process, by how they ended.',
      labelNames: ['job_name', 'status'],
      registers,
    });
    this.running = new Gauge({
      name: 'graphomat_job_running',
      help: '1 while this process holds the lease of the job and runs it.',
      labelNames: ['job_name'],
      registers,
    });
    this.lastStart = new Gauge({
      name: 'graphomat_job_last_start_timestamp_seconds',
      help: 'When a run of the job was last begun by this process.',
      labelNames: ['job_name'],
      registers,
    });
    const lastSuccess: Gauge = new Gauge({
      name: 'graphomat_job_last_success_timestamp_seconds',
      help: 'When a run of the job last ended well, in any process.',
      labelNames: ['job_name'],
      registers,
      // Out of the records, so that it is the same from every replica and after a restart.
      collect: async () => {
        const successes = await unitOfWork.read((em) => store.successes(em)).catch(() => []);
        for (const { job_id, at } of successes) lastSuccess.set({ job_name: job_id }, at / 1_000);
      },
    });
  }

  /** `at` in ms since the epoch. */
  begun(job: string, at: number): void {
    this.running.set({ job_name: job }, 1);
    this.lastStart.set({ job_name: job }, at / 1_000);
  }

  ended(job: string, status: RunStatus): void {
    this.running.set({ job_name: job }, 0);
    this.runs.inc({ job_name: job, status });
  }
}
