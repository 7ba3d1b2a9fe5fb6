import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Clock } from '../platform/clock/clock';
import { toIsoOrNull } from '../platform/clock/instant';
import { AppConfig } from '../platform/config/app-config';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { CONDITIONS, UNDECIDED, UNVERIFIED_DAYS, holds } from '../platform/health/conditions';
import { withinMs } from '../platform/health/time-limit';
import { VaultFiguresStore } from './vault-figures.store';
import { VaultStore } from './vault.store';

const MINUTE_MS = 60_000;
/** Time limit for reading the records from the database, ms. */
const WITHIN_MS = 2_000;
const UNVERIFIED_MS = UNVERIFIED_DAYS * 86_400_000;

/** Whether copies are made and verified. Not part of readiness: users are served even if copies fail. */
@Injectable()
export class BackupsHealth {
  private readonly startedAt: number;

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly figures: VaultFiguresStore,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {
    this.startedAt = clock.now();
  }

  /** Degraded, later down, if no run has succeeded for longer than the settings allow. */
  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(CONDITIONS['backup.stale'].part);
    const read = await withinMs(WITHIN_MS, this.read()).catch(() => null);
    if (read === null)
      return indicator.up({
        ...UNDECIDED,
        degraded: true,
        reason: 'the database does not say how far the copies are',
      });
    const { state, pending } = read;
    const now = this.clock.now();
    const facts = {
      last_success: toIsoOrNull(state?.ok_at ?? null),
      last_stored: toIsoOrNull(state?.stored_at ?? null),
      lag_seconds: pending.since === null ? 0 : Math.max(0, Math.round((now - pending.since) / 1_000)),
      pending_versions: pending.versions,
    };
    // After a start, the service has this time to catch up.
    const idleMs = now - Math.max(state?.ok_at ?? 0, this.startedAt);
    const reason = `no copy has succeeded for ${Math.floor(idleMs / MINUTE_MS)} minutes; GET /backups/runs has the reason`;
    if (idleMs >= this.config.get('BACKUP_DOWN_AFTER_MINUTES') * MINUTE_MS)
      return indicator.down({ ...facts, ...holds('backup.stale'), reason });
    if (idleMs >= this.config.get('BACKUP_DEGRADED_AFTER_MINUTES') * MINUTE_MS)
      return indicator.up({ ...facts, ...holds('backup.stale'), degraded: true, reason });
    if (state?.needs_full === 1 && state.ok_at !== null)
      return indicator.up({
        ...facts,
        degraded: true,
        reason: 'the newest copies are damaged; a full copy replaces them',
      });
    // The start gives it time, but does not make an old copy new.
    const isOld = now - (state?.ok_at ?? 0) >= this.config.get('BACKUP_DEGRADED_AFTER_MINUTES') * MINUTE_MS;
    return indicator.up(isOld ? { ...facts, ...UNDECIDED } : facts);
  }

  /** Degraded if the last verification found damage, failed, or is too long ago. */
  async checkVerification(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(CONDITIONS['verification.failed'].part);
    const read = await withinMs(WITHIN_MS, this.readVerification()).catch(() => null);
    if (read === null)
      return indicator.up({
        ...UNDECIDED,
        degraded: true,
        reason: 'the database does not say when copies were verified',
      });
    const { verifiedAt, last } = read;
    const facts = {
      last_verified: toIsoOrNull(verifiedAt),
      last_run: toIsoOrNull(last?.finished_at ?? null),
    };
    if (last?.status === 'corrupt')
      return indicator.up({
        ...facts,
        ...holds('verification.failed'),
        degraded: true,
        reason: 'the last verification found damaged copies',
      });
    if (last?.status === 'failed')
      return indicator.up({
        ...facts,
        ...holds('verification.failed'),
        degraded: true,
        reason: 'the last verification failed; GET /backups/verifications has the reason',
      });
    if (this.clock.now() - (verifiedAt ?? this.startedAt) > UNVERIFIED_MS)
      return indicator.up({
        ...facts,
        ...holds('verification.failed'),
        degraded: true,
        reason: 'copies were not read back and found equal for more than three days',
      });
    return indicator.up(verifiedAt === null ? { ...facts, ...UNDECIDED } : facts);
  }

  private read() {
    return this.unitOfWork.read(async (em) => {
      const state = await this.store.state(em);
      return { state, pending: await this.figures.pending(em, state?.stored_seq ?? 0) };
    });
  }

  private readVerification() {
    return this.unitOfWork.read(async (em) => ({
      verifiedAt: (await this.store.state(em))?.verified_at ?? null,
      last: await this.figures.lastVerification(em),
    }));
  }
}
