import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { OnAccountRemoved, type RemovedAccount } from '../../platform/access/on-account-removed.decorator';
import { Clock } from '../../platform/clock/clock';
import { AppConfig } from '../../platform/config/app-config';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { AppError } from '../../platform/errors/app-error';
import { JobRunner } from '../../platform/jobs/job-runner';
import { Log } from '../../platform/logging/log';
import { MAIL_KINDS, TRIED_FOR_MS, type MailKind } from './domain/mail-kinds';
import { MailsStore } from './mails.store';

/** The job that sends mails. */
export const MAIL_JOB = 'mail';

/** A mail to be sent. */
export interface MailRequest {
  kind: MailKind;
  /** The recipient's key; 0 for a request that belongs to no account: nothing is sent. */
  userKey: number;
  /** Distinguishes mails of the same kind to the same account. */
  reference?: string;
  /** What the text needs and cannot be read when it is sent; never a secret. */
  details?: Readonly<Record<string, string | number | boolean | null>>;
}

/** Takes mails in the transaction of what they are about, and has them sent soon after. */
@Injectable()
export class MailQueue {
  constructor(
    private readonly store: MailsStore,
    private readonly unitOfWork: UnitOfWork,
    private readonly runner: JobRunner,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly config: AppConfig,
  ) {}

  /** Whether this installation sends mails. */
  get isSetUp(): boolean {
    return this.config.get('SMTP_URL') !== undefined;
  }

  /** Adds a mail in the caller's transaction. The same mail is not added twice while it waits. */
  async put(em: EntityManager, { kind, userKey, reference = '', details }: MailRequest): Promise<void> {
    const now = this.clock.now();
    await this.store.put(em, {
      user_key: userKey,
      kind: MAIL_KINDS.indexOf(kind),
      reference,
      created_at: now,
      next_attempt_at: now,
      expires_at: now + TRIED_FOR_MS[kind],
      attempts: 0,
      failure: null,
      details: details ? JSON.stringify(details) : null,
    });
  }

  /** How many mails of a kind wait, counted up to `upTo`. */
  waiting(em: EntityManager, kind: MailKind, upTo: number): Promise<number> {
    return this.store.count(em, MAIL_KINDS.indexOf(kind), upTo);
  }

  /** Starts sending now, after the transaction; the schedule does it within a minute otherwise. Returns at once. */
  sendSoon(): void {
    if (!this.isSetUp) return;
    this.runner.trigger(MAIL_JOB).catch((error: unknown) => {
      // It runs already, here or elsewhere, or the service stops.
      if (!(error instanceof AppError)) this.log.warn('sending mails could not be started', { error });
    });
  }

  @OnAccountRemoved()
  async forget({ key }: RemovedAccount): Promise<void> {
    await this.unitOfWork.write((em) => this.store.removeOf(em, key));
  }
}
