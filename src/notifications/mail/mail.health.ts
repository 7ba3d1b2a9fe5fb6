import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Clock } from '../../platform/clock/clock';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { withinMs } from '../../platform/health/time-limit';
import { MAIL_KINDS } from './domain/mail-kinds';
import { MailQueue } from './mail-queue';
import { MailsStore } from './mails.store';

const WITHIN_MS = 2_000;
/** Links and alerts are sent at once. If one waits longer than this, the mail server can't be used, ms. */
const LATE_MS = 10 * 60_000;
const URGENT = [MAIL_KINDS.indexOf('password-reset'), MAIL_KINDS.indexOf('alert')];

/** Whether mails leave. A mail that waits is not lost, so it is degraded at worst. */
@Injectable()
export class MailHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly unitOfWork: UnitOfWork,
    private readonly store: MailsStore,
    private readonly queue: MailQueue,
    private readonly clock: Clock,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('mail');
    if (!this.queue.isSetUp) return indicator.up({ set_up: false });
    try {
      const oldest = await withinMs(WITHIN_MS, this.oldest());
      if (oldest === null || this.clock.now() - oldest <= LATE_MS) return indicator.up({ set_up: true });
      const reason = 'mails have waited for more than 10 minutes; see "a mail could not be sent" in the log';
      return indicator.up({ set_up: true, degraded: true, reason });
    } catch {
      return indicator.up({ degraded: true, reason: 'the database did not return the mails that wait' });
    }
  }

  private oldest(): Promise<number | null> {
    return this.unitOfWork.read(async (em) => {
      const times: Array<number | null> = [];
      for (const kind of URGENT) times.push(await this.store.oldest(em, kind));
      return times.reduce<number | null>((a, b) => (a === null || (b !== null && b < a) ? b : a), null);
    });
  }
}
