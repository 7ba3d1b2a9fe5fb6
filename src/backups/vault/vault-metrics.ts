import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { Metrics } from '../../platform/metrics/metrics';
import { VaultStore } from './vault.store';

/** What the vault tells Prometheus. */
@Injectable()
export class VaultMetrics {
  private readonly runs: Counter;

  constructor(metrics: Metrics, unitOfWork: UnitOfWork, store: VaultStore, clock: Clock) {
    const registers = [metrics.registry];
    const gauge = (name: string, help: string) =>
      new Gauge({ name: `graphomat_backup_${name}`, help, registers });
    this.runs = new Counter({
      name: 'graphomat_backup_runs_total',
      help: 'Copies that ended in this process, by kind and how they ended.',
      labelNames: ['kind', 'status'],
      registers,
    });
    const stored = gauge(
      'last_success_timestamp_seconds',
      'When the vault last had everything, also when there was nothing to copy.',
    );
    const verified = gauge(
      'last_verification_timestamp_seconds',
      'When copies were last read back and found equal.',
    );
    const versions = gauge('pending_versions', 'Versions that are only in the database.');
    const recovery = gauge(
      'recovery_seconds',
      'How long reading the newest generation back took when it was last done.',
    );
    // The first gauge to be collected reads for all: out of the database, so that every replica says the same.
    const lag: Gauge = new Gauge({
      name: 'graphomat_backup_lag_seconds',
      help: 'Age of the oldest change that is only in the database.',
      registers,
      collect: async () => {
        const read = await unitOfWork
          .read(async (em) => {
            const state = await store.state(em);
            return { state, pending: await store.pending(em, state?.stored_seq ?? 0) };
          })
          .catch(() => undefined);
        if (!read) return;
        const { state, pending } = read;
        lag.set(pending.since === null ? 0 : Math.max(0, clock.now() - pending.since) / 1_000);
        versions.set(pending.versions);
        stored.set((state?.ok_at ?? 0) / 1_000);
        verified.set((state?.verified_at ?? 0) / 1_000);
        recovery.set((state?.recovery_ms ?? 0) / 1_000);
      },
    });
  }

  copyEnded(kind: string, well: boolean): void {
    this.runs.inc({ kind, status: well ? 'stored' : 'failed' });
  }
}
