import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Metrics } from '../platform/metrics/metrics';
import { sharedRead } from '../platform/metrics/shared-read';
import { RETENTION_STATUSES } from './domain/retention-run';
import { RetentionService, type RetentionRun } from './retention.service';

/** Metrics of the last run that was not a dry run, in any process. */
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
    const status = gauge('status', '1 for the status of the last run; "held" asks for an operator.', [
      'status',
    ]);
    const begun = gauge('start_timestamp_seconds', 'When the last run began; 0 for never.');
    const duration = gauge('duration_seconds', 'How long the last run took.');
    const planned = gauge('planned_versions', 'Versions that the last run planned to remove.');
    const removed = gauge('removed_versions', 'Versions that the last run removed.');
    const held = gauge('held_policies', 'Changed policies that the last run did not apply.');
    const bytes = gauge('removed_bytes', 'Bytes of the sealed frames of these versions.');
    const freed = gauge('freed_bytes', 'Bytes that the last run returned to the file system.');
    const failed = gauge('failed_graphs', 'Graphs that the last run skipped because of an error.');
    const fill = (last: RetentionRun | undefined) => {
      const { counts = null, startedAt = 0, finishedAt = null } = last ?? {};
      for (const name of RETENTION_STATUSES) status.set({ status: name }, last?.status === name ? 1 : 0);
      begun.set(startedAt / 1_000);
      duration.set(finishedAt === null ? 0 : (finishedAt - startedAt) / 1_000);
      planned.set(counts?.versions_planned ?? 0);
      removed.set((counts?.versions_purged ?? 0) + (counts?.versions_pruned ?? 0));
      held.set(counts?.policies_held ?? 0);
      bytes.set(counts?.frame_bytes ?? 0);
      freed.set(counts?.disk_bytes ?? 0);
      failed.set(counts?.graphs_failed ?? 0);
    };
  }
}
