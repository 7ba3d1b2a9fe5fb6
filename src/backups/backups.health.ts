import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Clock } from '../platform/clock/clock';
import { toIsoOrNull } from '../platform/clock/instant';
import { AppConfig } from '../platform/config/app-config';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { VaultStore } from './vault/vault.store';

const MINUTE_MS = 60_000;

/** Whether copies are being made. The vault's troubles never decide whether users are served: this is no part of readiness. */
@Injectable()
export class BackupsHealth {
  private readonly startedAt: number;

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {
    this.startedAt = clock.now();
  }

  /** Degraded, later down, when no run has come to a good end for longer than the settings allow. */
  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('backups');
    const state = await this.unitOfWork.read((em) => this.store.state(em)).catch(() => null);
    if (state === null)
      return indicator.up({ degraded: true, reason: 'the database does not say how far the copies are' });
    const facts = {
      last_success: toIsoOrNull(state?.ok_at ?? null),
      last_stored: toIsoOrNull(state?.stored_at ?? null),
      last_verified: toIsoOrNull(state?.verified_at ?? null),
    };
    // A service that was stopped for a night has the bound's time to catch up.
    const idleMs = this.clock.now() - Math.max(state?.ok_at ?? 0, this.startedAt);
    const reason = `no copy has succeeded for ${Math.floor(idleMs / MINUTE_MS)} minutes; GET /backups/runs has the reason`;
    if (idleMs >= this.config.get('BACKUP_DOWN_AFTER_MINUTES') * MINUTE_MS)
      return indicator.down({ ...facts, reason });
    if (idleMs >= this.config.get('BACKUP_DEGRADED_AFTER_MINUTES') * MINUTE_MS)
      return indicator.up({ ...facts, degraded: true, reason });
    if (state?.needs_full === 1 && state.ok_at !== null)
      return indicator.up({
        ...facts,
        degraded: true,
        reason: 'the newest copies are damaged; a full copy replaces them',
      });
    return indicator.up(facts);
  }
}
