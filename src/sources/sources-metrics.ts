import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { Metrics } from '../platform/metrics/metrics';
import { sharedRead } from '../platform/metrics/shared-read';
import type { PassCounts } from './domain/pass-counts';
import { SourcesStore } from './sources.store';

const STATUSES = ['done', 'failed', 'interrupted'] as const;
const OUTCOMES = ['created', 'changed', 'unchanged', 'gone', 'failed'] as const;
/** Failing sources are counted up to this number. */
const COUNTED = 1_000;

/** Metrics of runs of sources. */
@Injectable()
export class SourcesMetrics {
  private readonly runs: Counter;
  private readonly items: Counter;

  constructor(metrics: Metrics, unitOfWork: UnitOfWork, store: SourcesStore, clock: Clock) {
    const registers = [metrics.registry];
    this.runs = new Counter({
      name: 'graphomat_source_runs_total',
      help: 'Runs of sources by how they ended, in this process.',
      labelNames: ['status'],
      registers,
    });
    this.items = new Counter({
      name: 'graphomat_source_items_total',
      help: 'Graphs that runs of sources have looked at, by what became of them, in this process.',
      labelNames: ['outcome'],
      registers,
    });
    for (const status of STATUSES) this.runs.inc({ status }, 0);
    for (const outcome of OUTCOMES) this.items.inc({ outcome }, 0);
    const collect = sharedRead(async () => {
      const [oldest, rows] = await unitOfWork.read(async (em) => [
        await store.oldestDue(em),
        await store.failing(em, COUNTED),
      ]);
      lag.set(oldest === null ? 0 : Math.max(0, clock.now() - oldest) / 1_000);
      failing.set(rows.length);
    });
    const gauge = (name: string, help: string) => new Gauge({ name, help, registers, collect });
    const lag = gauge(
      'graphomat_source_lag_seconds',
      'How long the longest due source has waited for its run.',
    );
    const failing = gauge('graphomat_sources_failing', 'Sources whose last run failed; counted up to 1000.');
  }

  ended(status: (typeof STATUSES)[number], counts: PassCounts): void {
    this.runs.inc({ status });
    for (const outcome of OUTCOMES) this.items.inc({ outcome }, counts[outcome]);
  }
}
