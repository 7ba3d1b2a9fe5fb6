import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Metrics } from '../platform/metrics/metrics';
import { sharedRead } from '../platform/metrics/shared-read';
import { RETENTION_STATUSES } from './domain/retention-run';
import { RetentionService, type RetentionRun } from './retention.service';

/** What retention tells Prometheus: about its last run that was no dry run, in whatever process. */
@Injectable()
export class RetentionMetrics {
  constructor(metrics: Metrics, retention: RetentionService) {
    const collect = sharedRead(async () => fill(await retention.lastRun()));
    const gauge = (name: string, help: string, labelNames: string[] = []) =>
      new Gauge({
        name: `graphomat_retention_last_${name}`,
        help,
        labelNames,
        registers: [metrics.registry],
        collect,
      });
    const status = gauge('status', '1 for the status of the last run; "stopped" asks for an operator.', [
      'status',
    ]);
    const begun = gauge('start_timestamp_seconds', 'When the last run was begun; 0 for never.');
    const duration = gauge('duration_seconds', 'How long the last run took.');
    const planned = gauge('planned_versions', 'Versions that the last run had planned to remove.');
    const removed = gauge('removed_versions', 'Versions that the last run has removed.');
    const bytes = gauge('removed_bytes', 'Bytes of the sealed frames that went with them.');
    const freed = gauge('freed_bytes', 'Bytes that the last run has given back to the disk.');
    const failed = gauge('failed_graphs', 'Graphs that the last run has passed over.');
    const fill = (last: RetentionRun | undefined) => {
      const { counts = null, startedAt = 0, finishedAt = null } = last ?? {};
      for (const name of RETENTION_STATUSES) status.set({ status: name }, last?.status === name ? 1 : 0);
      begun.set(startedAt / 1_000);
      duration.set(finishedAt === null ? 0 : (finishedAt - startedAt) / 1_000);
      planned.set(counts?.versions_planned ?? 0);
      removed.set((counts?.versions_purged ?? 0) + (counts?.versions_pruned ?? 0));
      bytes.set(counts?.frame_bytes ?? 0);
      freed.set(counts?.disk_bytes ?? 0);
      failed.set(counts?.graphs_failed ?? 0);
    };
  }
}
