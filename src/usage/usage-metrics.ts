import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { Metrics } from '../platform/metrics/metrics';
import { sharedRead } from '../platform/metrics/shared-read';
import type { UsagePointRow } from './domain/usage.entity';
import type { UsageCheckResult } from './usage-check.service';
import { UsageStore } from './usage.store';

/**
 * Metrics of the stored data. They come from the newest point of the growth curve, so that a scrape reads one row.
 */
@Injectable()
export class UsageMetrics {
  private readonly drifted: Counter;
  private readonly driftBytes: Counter;

  constructor(metrics: Metrics, unitOfWork: UnitOfWork, store: UsageStore) {
    const registers = [metrics.registry];
    this.drifted = new Counter({
      name: 'graphomat_usage_drifted_users_total',
      help: 'Users whose counters the nightly check found wrong and corrected, in this process.',
      registers,
    });
    this.driftBytes = new Counter({
      name: 'graphomat_usage_drift_bytes_total',
      help: 'Sum of the differences that the check corrected, in bytes.',
      registers,
    });
    const collect = sharedRead(async () => {
      const point = await unitOfWork.read((em) => store.pointAt(em, Number.MAX_SAFE_INTEGER));
      if (point) fill(point);
    });
    const gauge = (name: string, help: string) =>
      new Gauge({ name, help, labelNames: ['kind'], registers, collect });
    const rows = gauge(
      'graphomat_stored_rows',
      'Users with stored data, graphs and versions; at most an hour old.',
    );
    const bytes = gauge(
      'graphomat_stored_bytes',
      'Bytes of all configs as they were sent (`configs`), and compressed as `frames` and `heads`; at most an hour old.',
    );
    const fill = ({ users, graphs, versions, config_bytes, head_bytes, frame_bytes }: UsagePointRow) => {
      for (const [kind, value] of Object.entries({ users, graphs, versions })) rows.set({ kind }, value);
      bytes.set({ kind: 'configs' }, config_bytes);
      bytes.set({ kind: 'heads' }, head_bytes);
      bytes.set({ kind: 'frames' }, frame_bytes);
    };
  }

  checked({ drifted, driftBytes }: UsageCheckResult): void {
    this.drifted.inc(drifted);
    this.driftBytes.inc(driftBytes);
  }
}
