import { Injectable } from '@nestjs/common';
import { PasswordLinksService } from '../../auth/password-links.service';
import { AppConfig } from '../../platform/config/app-config';
import { compose, type AddressedLetter } from './domain/letter';
import type { MailRow } from './domain/mail.entity';
import { WritesMail, type MailWriter } from './writes-mail.decorator';

/**
 * Writes mails with a link to set a new password. The link is made when the mail is sent: its secret is in the mail
 * alone, never in the queue, the log or the audit log. A further attempt makes a new link, and the former one ends.
 */
@WritesMail('password-reset')
@Injectable()
export class PasswordResetMailWriter implements MailWriter {
  constructor(
    private readonly links: PasswordLinksService,
    private readonly config: AppConfig,
  ) {}

  async write({ user_key }: MailRow): Promise<AddressedLetter | undefined> {
    const made = await this.links.makeForMail(user_key);
    if (!made) return undefined;
    const paragraphs = [
      'Hello,',
      'someone, probably you, asked for a new password for your account. Open this link and choose one:',
      { link: made.link, label: 'Set a new password' },
      'The link works once, for 30 minutes. It ends all sessions of your account.',
      'If you did not ask for it, ignore this mail. Your password stays as it is.',
    ];
    const footer = `${this.config.get('PROJECT_NAME')} · ${this.config.get('PUBLIC_URL')}`;
    return { to: made.email, subject: 'Set a new password', ...compose(paragraphs, footer) };
  }
}
