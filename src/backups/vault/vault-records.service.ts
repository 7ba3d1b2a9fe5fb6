import { Injectable } from '@nestjs/common';
import { JournalService, type Action } from '../../audit/journal.service';
import type { Caller } from '../../platform/access/caller';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { notFound } from '../../platform/errors/app-error';
import { encodeCursor, type Page } from '../../platform/http/pagination';
import { isUuid, uuidBytes, uuidText, uuidv7 } from '../../platform/ids/uuid';
import { Quota } from '../versions/quota.service';
import { BackupMarks } from './backup-marks.service';
import type { BackupRunRow, VerificationRow } from './domain/vault.entity';
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

/** The records of copies and verifications, and what accounts may see of them. */
@Injectable()
export class VaultRecords {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VaultStore,
    private readonly journal: JournalService,
    readonly marks: BackupMarks,
    private readonly clock: Clock,
    private readonly quota: Quota,
  ) {}

  newId(): string {
    return uuidv7(this.clock.now());
  }

  async run(id: string): Promise<BackupRunRow> {
    const found = isUuid(id)
      ? await this.unitOfWork.read((em) => this.store.run(em, uuidBytes(id)))
      : undefined;
    if (!found) throw notFound('run');
    return found;
  }

  /** The runs, newest first, after the one with the id `after`. */
  async runs(after: string | null, limit: number, skip: number): Promise<Page<BackupRunRow>> {
    const before = after === null ? null : uuidBytes(after);
    const { rows, total } = await this.unitOfWork.read((em) => this.store.runs(em, before, limit + 1, skip));
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return { items, total, next: rows.length > limit && last ? encodeCursor([uuidText(last.id)]) : null };
  }

  verifications(limit: number): Promise<VerificationRow[]> {
    return this.unitOfWork.read((em) => this.store.verifications(em, limit));
  }

  async verification(id: string): Promise<VerificationRow> {
    const bytes = uuidBytes(id);
    const found = (await this.verifications(500)).find((row) => row.id.equals(bytes));
    if (!found) throw notFound('verification');
    return found;
  }

  async status(caller: Caller): Promise<AccountBackups> {
    return this.unitOfWork.read(async (em) => {
      const state = await this.store.state(em);
      const account = await this.store.account(em, caller.key, state?.stored_seq ?? 0);
      const { oldest_pending: oldest } = account;
      return {
        graphs: account.graphs,
        versions: account.versions,
        pendingVersions: account.pending_versions,
        pendingSince: oldest === null ? null : await this.store.eventAt(em, oldest),
        lastStored: state?.stored_at ?? null,
        lastVerified: state?.verified_at ?? null,
        logicalBytes: account.logical_bytes,
        quotaBytes: this.quota.limitBytes,
        storedBytes: account.stored_bytes,
      };
    });
  }

  /** Writes into the journal what an operator asked for. */
  async note(caller: Caller, action: Action, subjectId: string): Promise<void> {
    const { key, origin } = caller;
    const event = { action, at: this.clock.now(), userKey: null, actorKey: key, subjectId, origin };
    await this.unitOfWork.write((em) => this.journal.append(em, event));
  }
}
