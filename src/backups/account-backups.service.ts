import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { UsageService } from '../usage/usage.service';
import { QuotaService } from '../usage/quota.service';
import { VaultStore } from './vault.store';

/** How far an account is backed up. Times are ms since the epoch. */
export interface AccountBackups {
  graphs: number;
  versions: number;
  pendingVersions: number;
  /** When the oldest change that is not copied yet was made; null if all are copied. */
  pendingSince: number | null;
  lastStored: number | null;
  lastVerified: number | null;
  logicalBytes: number;
  /** Limit of the account's logical bytes; null: no limit. */
  quotaBytes: number | null;
  storedBytes: number;
}

/** Reads how far an account is backed up. Stored data comes from counters; only versions that wait for a copy are counted. */
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
