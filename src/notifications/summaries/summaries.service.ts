import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService } from '../../audit/journal.service';
import { AccountAddresses } from '../../auth/account-addresses';
import type { RequestCaller, RequestOrigin } from '../../platform/access/caller';
import { OnAccountRemoved, type RemovedAccount } from '../../platform/access/on-account-removed.decorator';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { AppError } from '../../platform/errors/app-error';
import { uuidText } from '../../platform/ids/uuid';
import { MailQueue } from '../mail/mail-queue';
import { nextSummaryAt, summarizedWeek } from './domain/week';
import { SummariesStore } from './summaries.store';

/** The setting of an account. */
export interface SummarySetting {
  /** Whether this installation sends mails. */
  available: boolean;
  enabled: boolean;
  /** When the next summary is sent, ms since the epoch; null if none is. */
  nextAt: number | null;
}

/** An account whose setting changes, and who changes it. */
interface Change {
  key: number;
  id: string;
  enabled: boolean;
  by: 'owner' | 'link';
  origin: RequestOrigin;
}

/** Whether accounts want weekly summaries. */
@Injectable()
export class SummariesService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: SummariesStore,
    private readonly journal: JournalService,
    private readonly accounts: AccountAddresses,
    private readonly queue: MailQueue,
    private readonly clock: Clock,
  ) {}

  /** The setting of an account; off until its owner switches it on. */
  async find(userKey: number): Promise<SummarySetting> {
    const row = await this.unitOfWork.read((em) => this.store.find(em, userKey));
    const enabled = row?.enabled === 1;
    const available = this.queue.isSetUp;
    return { available, enabled, nextAt: row && enabled && available ? nextSummaryAt(row.last_week) : null };
  }

  /** Switches summaries on or off. 422 when they are switched on and no mail is sent here. */
  async set({ key, id, origin }: RequestCaller, enabled: boolean): Promise<SummarySetting> {
    if (enabled && !this.queue.isSetUp)
      throw new AppError('unprocessable', 'mail-not-set-up', 'This installation sends no mail.');
    await this.unitOfWork.write((em) => this.change(em, { key, id, enabled, by: 'owner', origin }));
    return this.find(key);
  }

  /** Switches summaries off for the owner of a link, who is not signed in. */
  async stop(id: Buffer, origin: RequestOrigin): Promise<void> {
    await this.unitOfWork.write(async (em) => {
      const account = await this.accounts.byId(em, id);
      if (!account) return;
      await this.change(em, { key: account.key, id: uuidText(id), enabled: false, by: 'link', origin });
    });
  }

  @OnAccountRemoved()
  async forget({ key }: RemovedAccount): Promise<void> {
    await this.unitOfWork.write((em) => this.store.removeOf(em, key));
  }

  private async change(em: EntityManager, { key, id, enabled, by, origin }: Change): Promise<void> {
    const row = await this.store.find(em, key);
    if ((row?.enabled === 1) === enabled) return;
    const at = this.clock.now();
    const seq = await this.journal.append(em, {
      action: 'user.weekly_summary_changed',
      at,
      userKey: key,
      actorKey: by === 'owner' ? key : null,
      subjectId: id,
      origin,
      details: { enabled, by },
    });
    await this.store.put(em, { user_key: key, seq, enabled: Number(enabled), last_week: summarizedWeek(at) });
  }
}
