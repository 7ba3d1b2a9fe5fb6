import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import { Clock } from '../platform/clock/clock';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { Metrics } from '../platform/metrics/metrics';
import { sharedRead } from '../platform/metrics/shared-read';
import {
  RUN_KINDS,
  VERIFICATION_STATUSES,
  type BackupRunKind,
  type VaultStateRow,
  type VerificationStatus,
} from './domain/vault.entity';
import { PENDING_COUNTED, VaultFiguresStore, type VaultExtent } from './vault-figures.store';
import { VaultStore } from './vault.store';

/** The outcome of a copy. */
export const COPY_OUTCOMES = ['stored', 'nothing_new', 'failed', 'interrupted'] as const;
export type CopyOutcome = (typeof COPY_OUTCOMES)[number];

/** A full copy over a slow line takes hours, seconds. */
const DURATIONS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400];
/** The size of the copies changes with each copy, and is summed at most this often, ms. */
const EXTENT_HOLDS_MS = 60_000;

/** The result of one read of the records. */
interface Seen {
  state: VaultStateRow | undefined;
  pending: { versions: number; since: number | null };
  verification: VerificationStatus | undefined;
}

/**
 * Metrics of copies and verifications. Gauges come from the database, so that every replica reports the same; counters
 * and durations are those of this process.
 */
@Injectable()
export class VaultMetrics {
  private readonly runs: Counter;
  private readonly bytes: Counter;
  private readonly durations: Histogram;
  private readonly verifications: Counter;
  private readonly verificationDurations: Histogram;
  private extent: { at: number; is: VaultExtent } | undefined;

  constructor(
    metrics: Metrics,
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly figures: VaultFiguresStore,
    private readonly clock: Clock,
  ) {
    const registers = [metrics.registry];
    this.runs = new Counter({
      name: 'graphomat_backup_runs_total',
      help: 'Copies that ended in this process, by kind and outcome.',
      labelNames: ['kind', 'status'],
      registers,
    });
    this.bytes = new Counter({
      name: 'graphomat_backup_bytes_total',
      help: 'Bytes that this process has written to the backup store, by kind of copy.',
      labelNames: ['kind'],
      registers,
    });
    this.durations = new Histogram({
      name: 'graphomat_backup_run_duration_seconds',
      help: 'Duration of copies with any outcome, by kind.',
      labelNames: ['kind'],
      buckets: DURATIONS,
      registers,
    });
    this.verifications = new Counter({
      name: 'graphomat_backup_verifications_total',
      help: 'Verifications that ended in this process, by outcome: "corrupt" found damage, "failed" could not read.',
      labelNames: ['status'],
      registers,
    });
    this.verificationDurations = new Histogram({
      name: 'graphomat_backup_verification_duration_seconds',
      help: 'Duration of verifications with any outcome.',
      buckets: DURATIONS,
      registers,
    });
    // An alert sees an increase only if the counter was zero before.
    for (const kind of RUN_KINDS) {
      this.bytes.inc({ kind }, 0);
      for (const status of COPY_OUTCOMES) this.runs.inc({ kind, status }, 0);
    }
    for (const status of ENDED) this.verifications.inc({ status }, 0);
    this.registerGauges(metrics);
  }

  copyEnded(kind: BackupRunKind, outcome: CopyOutcome, ms: number, bytes = 0): void {
    this.runs.inc({ kind, status: outcome });
    this.bytes.inc({ kind }, bytes);
    this.durations.observe({ kind }, ms / 1_000);
  }

  verificationEnded(status: VerificationStatus, ms: number): void {
    this.verifications.inc({ status });
    this.verificationDurations.observe(ms / 1_000);
  }

  private registerGauges(metrics: Metrics): void {
    const collect = sharedRead(async () => fill(await this.look(), await this.vaultExtent()));
    const gauge = (name: string, help: string, labelNames: string[] = []) =>
      new Gauge({
        name: `graphomat_backup_${name}`,
        help,
        labelNames,
        registers: [metrics.registry],
        collect,
      });
    const success = gauge(
      'last_success_timestamp_seconds',
      'When a copy last succeeded, also if there was nothing to copy; 0 for never.',
    );
    const verified = gauge(
      'last_verification_timestamp_seconds',
      'When copies were last read back and found equal; 0 for never.',
    );
    const lag = gauge('lag_seconds', 'Age of the oldest change that is only in the database.');
    const versions = gauge(
      'pending_versions',
      `Versions that are only in the database, counted up to ${PENDING_COUNTED}.`,
    );
    const recovery = gauge(
      'recovery_seconds',
      'Duration of the last verification that read the newest generation into an empty database.',
    );
    const stored = gauge(
      'stored_bytes',
      'Bytes of all copies in the backup store, according to the records.',
    );
    const objects = gauge('objects', 'Copies in the backup store, according to the records.');
    const status = gauge('last_verification_status', '1 for how the newest verification ended.', ['status']);
    const fill = ({ state, pending, verification }: Seen, extent: VaultExtent) => {
      lag.set(pending.since === null ? 0 : Math.max(0, this.clock.now() - pending.since) / 1_000);
      versions.set(pending.versions);
      success.set((state?.ok_at ?? 0) / 1_000);
      verified.set((state?.verified_at ?? 0) / 1_000);
      recovery.set((state?.recovery_ms ?? 0) / 1_000);
      stored.set(extent.bytes);
      objects.set(extent.objects);
      for (const name of ENDED) status.set({ status: name }, verification === name ? 1 : 0);
    };
  }

  private look(): Promise<Seen> {
    return this.unitOfWork.read(async (em) => {
      const state = await this.store.state(em);
      const pending = await this.figures.pending(em, state?.stored_seq ?? 0);
      return { state, pending, verification: (await this.figures.lastVerification(em))?.status };
    });
  }

  private async vaultExtent(): Promise<VaultExtent> {
    const now = this.clock.now();
    if (!this.extent || Math.abs(now - this.extent.at) >= EXTENT_HOLDS_MS)
      this.extent = { at: now, is: await this.unitOfWork.read((em) => this.figures.extent(em)) };
    return this.extent.is;
  }
}

const ENDED = VERIFICATION_STATUSES.filter((status) => status !== 'running');
