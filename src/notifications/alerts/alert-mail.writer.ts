import { Injectable } from '@nestjs/common';
import { AccountAddresses } from '../../auth/account-addresses';
import { AppConfig } from '../../platform/config/app-config';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { CONDITIONS, CONDITION_IDS } from '../../platform/health/conditions';
import { compose, type AddressedLetter, type Paragraph } from '../mail/domain/letter';
import type { MailRow } from '../mail/domain/mail.entity';
import { WritesMail, type MailWriter } from '../mail/writes-mail.decorator';

/** What `AlertMessages` keeps for the mail. */
interface AlertDetails {
  condition: string;
  state: 'begun' | 'over';
  since: string;
  reason: string | null;
}

/** Writes mails to operators about conditions that begin or are over. */
@WritesMail('alert')
@Injectable()
export class AlertMailWriter implements MailWriter {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: AccountAddresses,
    private readonly config: AppConfig,
  ) {}

  /** Nothing is sent to an account that operates the installation no longer. */
  async write({ user_key, details }: MailRow): Promise<AddressedLetter | undefined> {
    const account = await this.unitOfWork.read((em) => this.accounts.operatorByKey(em, user_key));
    const alert = JSON.parse(details ?? '{}') as AlertDetails;
    const id = CONDITION_IDS.find((known) => known === alert.condition);
    if (!account || !id) return undefined;
    const { begins, ends, advice } = CONDITIONS[id];
    const isOver = alert.state === 'over';
    const url = this.config.get('PUBLIC_URL') ?? '';
    const paragraphs: Paragraph[] = [
      `${isOver ? ends : begins}. Since ${timeOf(alert.since)}.`,
      ...(alert.reason === null ? [] : [`Reason: ${alert.reason}.`]),
      ...(isOver ? [] : [advice]),
      { link: `${url}/operator`, label: 'Open the operator pages' },
    ];
    const name = this.config.get('PROJECT_NAME');
    const subject = `[${name}] ${isOver ? `Over: ${ends}` : begins}`;
    const footer = `${name} · ${url}\nYou get this mail because your account operates this installation.`;
    return { to: account.email, subject, ...compose(paragraphs, footer) };
  }
}

/** `2026-11-23 09:15 UTC` */
function timeOf(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
