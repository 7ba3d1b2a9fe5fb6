import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { UsageService } from '../usage/usage.service';
import { QuotaService } from '../usage/quota.service';
import { VaultStore } from './vault.store';

/** What an account has in the vault. Times are ms since the epoch. */
export interface AccountBackups {
  graphs: number;
  versions: number;
  pendingVersions: number;
  /** When the oldest change that is not in the vault was made; null when all are. */
  pendingSince: number | null;
  lastStored: number | null;
  lastVerified: number | null;
  logicalBytes: number;
  /** What the account's logical bytes may grow to; null: no bound. */
  quotaBytes: number | null;
  storedBytes: number;
}

/** How well an account is backed up. What is stored comes out of kept counters; only what waits for its copy is counted. */
@Injectable()
export class AccountBackupsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly usage: UsageService,
    private readonly quota: QuotaService,
  ) {}

  async of({ key }: Caller): Promise<AccountBackups> {
    const stored = await this.usage.of(key);
    return this.unitOfWork.read(async (em) => {
      const state = await this.store.state(em);
      const pending = await this.store.pendingOf(em, key, state?.stored_seq ?? 0);
      return {
        graphs: stored.graphs,
        versions: stored.versions,
        pendingVersions: pending.versions,
        pendingSince: pending.oldest === null ? null : await this.store.eventAt(em, pending.oldest),
        lastStored: state?.stored_at ?? null,
        lastVerified: state?.verified_at ?? null,
        logicalBytes: stored.config_bytes,
        quotaBytes: this.quota.limitBytes,
        storedBytes: stored.frame_bytes,
      };
    });
  }
}
