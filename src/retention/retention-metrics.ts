import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Metrics } from '../platform/metrics/metrics';
import { RETENTION_STATUSES } from './domain/retention-run';
import { RetentionService, type RetentionRun } from './retention.service';

/** What retention tells Prometheus: about its last run that was no dry run, in whatever process. */
@Injectable()
export class RetentionMetrics {
  constructor(
    metrics: Metrics,
    private readonly retention: RetentionService,
  ) {
    const registers = [metrics.registry];
    const status: Gauge = new Gauge({
      name: 'graphomat_retention_last_status',
      help: '1 for the status of the last run; "stopped" asks for an operator.',
      labelNames: ['status'],
      registers,
      collect: async () => {
        const last = await this.last();
        for (const name of RETENTION_STATUSES) status.set({ status: name }, last?.status === name ? 1 : 0);
      },
    });
    const removed: Gauge = new Gauge({
      name: 'graphomat_retention_last_removed_versions',
      help: 'Versions that the last run has removed.',
      registers,
      collect: async () => {
        const counts = (await this.last())?.counts;
        removed.set((counts?.versions_purged ?? 0) + (counts?.versions_pruned ?? 0));
      },
    });
    const failed: Gauge = new Gauge({
      name: 'graphomat_retention_last_failed_graphs',
      help: 'Graphs that the last run has passed over.',
      registers,
      collect: async () => failed.set((await this.last())?.counts?.graphs_failed ?? 0),
    });
  }

  // A scrape must not fail with the database.
  private last(): Promise<RetentionRun | undefined> {
    return this.retention.lastRun().catch(() => undefined);
  }
}
