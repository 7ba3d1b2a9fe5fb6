import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Metrics } from '../platform/metrics/metrics';
import { RETENTION_STATUSES } from './domain/retention-run';
import { RetentionService } from './retention.service';

/** What retention tells Prometheus: about its last run that was no dry run, in whatever process. */
@Injectable()
export class RetentionMetrics {
  constructor(metrics: Metrics, retention: RetentionService) {
    const registers = [metrics.registry];
    const gauge = (name: string, help: string) =>
      new Gauge({ name: `graphomat_retention_${name}`, help, registers });
    const removed = gauge('last_removed_versions', 'Versions that the last run has removed.');
    const failed = gauge('last_failed_graphs', 'Graphs that the last run has passed over.');
    const status: Gauge = new Gauge({
      name: 'graphomat_retention_last_status',
      help: '1 for the status of the last run; "stopped" asks for an operator.',
      labelNames: ['status'],
      registers,
      collect: async () => {
        const last = await retention.lastRun().catch(() => null);
        for (const name of RETENTION_STATUSES) status.set({ status: name }, last?.status === name ? 1 : 0);
        removed.set((last?.counts?.versions_purged ?? 0) + (last?.counts?.versions_pruned ?? 0));
        failed.set(last?.counts?.graphs_failed ?? 0);
      },
    });
  }
}
