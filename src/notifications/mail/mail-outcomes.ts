import { Injectable } from '@nestjs/common';
import { JournalService } from '../../audit/journal.service';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { LeaseLostError, type RunLease } from '../../platform/jobs/job';
import { Log } from '../../platform/logging/log';
import { MAIL_KINDS, retryDelayMs, type MailKind } from './domain/mail-kinds';
import type { MailRow } from './domain/mail.entity';
import { MailMetrics } from './mail-metrics';
import { MailsStore } from './mails.store';

/** Mails that are given up at a time because their time is over. */
const BATCH = 200;

/** Records how mails ended: in the queue, in the audit log, in the metrics and in the log. */
@Injectable()
export class MailOutcomes {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: MailsStore,
    private readonly journal: JournalService,
    private readonly metrics: MailMetrics,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** The mail was sent, or needs no sending any longer. If this is not recorded, it is sent once more. */
  async done(mail: MailRow, lease: RunLease, sent: boolean): Promise<void> {
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.store.remove(em, mail);
    });
    this.metrics.ended(kindOf(mail), sent ? 'sent' : 'unneeded');
  }

  /** The mail is tried again later. `code` says why, without the server's text. */
  async postpone(mail: MailRow, lease: RunLease, code: string): Promise<'failed'> {
    const next = this.clock.now() + retryDelayMs(mail.attempts + 1);
    await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      await this.store.postpone(em, mail, next, code);
    });
    this.metrics.ended(kindOf(mail), 'failed');
    const facts = { kind: kindOf(mail), attempts: mail.attempts + 1, reason: code };
    this.log.warn('a mail could not be sent and is tried again', facts);
    return 'failed';
  }

  /** The text could not be written: an error of the service, not of the mail server. */
  async notWritten(mail: MailRow, lease: RunLease, error: unknown): Promise<'failed'> {
    if (error instanceof LeaseLostError) throw error;
    this.log.error('a mail could not be written', { kind: kindOf(mail), error });
    return this.postpone(mail, lease, 'UNWRITTEN');
  }

  /** The mail is removed although it was not sent; the audit log keeps that. */
  async giveUp(mail: MailRow, lease: RunLease, code: string): Promise<'given_up'> {
    await this.giveUpAll([{ ...mail, attempts: mail.attempts + 1, failure: code }], lease);
    return 'given_up';
  }

  /** Gives up all mails whose time is over; returns how many. */
  async giveUpExpired(signal: AbortSignal, lease: RunLease): Promise<number> {
    for (let total = 0; ;) {
      signal.throwIfAborted();
      const now = this.clock.now();
      const mails = await this.unitOfWork.read((em) => this.store.expired(em, now, BATCH));
      await this.giveUpAll(mails, lease);
      total += mails.length;
      if (mails.length < BATCH) return total;
    }
  }

  private async giveUpAll(mails: readonly MailRow[], lease: RunLease): Promise<void> {
    if (mails.length === 0) return;
    const at = this.clock.now();
    const removed = await this.unitOfWork.write(async (em) => {
      await lease.guard(em);
      const gone: MailRow[] = [];
      for (const mail of mails) {
        if (!(await this.store.remove(em, mail))) continue;
        gone.push(mail);
        if (mail.user_key === 0) continue;
        const details = { kind: kindOf(mail), attempts: mail.attempts, reason: mail.failure };
        await this.journal.append(em, {
          action: 'mail.given_up',
          at,
          userKey: mail.user_key,
          actorKey: null,
          subjectId: null,
          details,
        });
      }
      return gone;
    });
    for (const mail of removed) {
      this.metrics.ended(kindOf(mail), 'given_up');
      const facts = { kind: kindOf(mail), attempts: mail.attempts, reason: mail.failure };
      this.log.error('a mail was given up', facts);
    }
  }
}

function kindOf({ kind }: MailRow): MailKind {
  return MAIL_KINDS[kind] ?? MAIL_KINDS[0];
}
