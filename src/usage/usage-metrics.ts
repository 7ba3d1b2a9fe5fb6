import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { Metrics } from '../platform/metrics/metrics';
import { sharedRead } from '../platform/metrics/shared-read';
import type { UsagePointRow } from './domain/usage.entity';
import type { UsageCheckResult } from './usage-check.service';
import { UsageStore } from './usage.store';

/** What is stored, as Prometheus sees it: the newest point of the curve of growth, so that a scrape costs one row. */
@Injectable()
export class UsageMetrics {
  private readonly drifted: Counter;
  private readonly driftBytes: Counter;

  constructor(metrics: Metrics, unitOfWork: UnitOfWork, store: UsageStore) {
    const registers = [metrics.registry];
    this.drifted = new Counter({
      name: 'graphomat_usage_drifted_users_total',
      help: 'Users whose counters the nightly check, in this process, has found wrong and corrected.',
      registers,
    });
    this.driftBytes = new Counter({
      name: 'graphomat_usage_drift_bytes_total',
      help: 'By how many bytes those counters were wrong.',
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
      'Users who store something, graphs and versions, as last summed up; at most an hour old.',
    );
    const bytes = gauge(
      'graphomat_stored_bytes',
      'Configs of all versions as they were sent (`configs`), and packed as `frames` and `heads`; as last summed up.',
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
