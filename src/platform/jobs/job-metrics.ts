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

  constructor(metrics: Metrics, unitOfWork: UnitOfWork, store: JobsStore) {
    const registers = [metrics.registry];
    this.runs = new Counter({
      name: 'graphomat_job_runs_total',
      help: 'Runs of jobs that ended in this process, by how they ended.',
      labelNames: ['job', 'status'],
      registers,
    });
    const lastSuccess: Gauge = new Gauge({
      name: 'graphomat_job_last_success_timestamp_seconds',
      help: 'When a run of the job last ended well, in any process.',
      labelNames: ['job'],
      registers,
      // Out of the records, so that it is the same from every replica and after a restart.
      collect: async () => {
        const successes = await unitOfWork.read((em) => store.successes(em)).catch(() => []);
        for (const { job_id, at } of successes) lastSuccess.set({ job: job_id }, at / 1_000);
      },
    });
  }

  ended(job: string, status: RunStatus): void {
    this.runs.inc({ job, status });
  }
}
