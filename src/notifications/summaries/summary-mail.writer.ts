import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock';
import { AppConfig } from '../../platform/config/app-config';
import { uuidText } from '../../platform/ids/uuid';
import {
  compose,
  type AddressedLetter,
  type Attachment,
  type Letter,
  type Paragraph,
} from '../mail/domain/letter';
import type { MailRow } from '../mail/domain/mail.entity';
import { WritesMail, type MailWriter } from '../mail/writes-mail.decorator';
import { changes, headline, safety } from './domain/summary-text';
import { SummaryFactsService, type WeekFacts } from './summary-facts.service';
import { SummaryRecipients } from './summary-recipients';
import { UnsubscribeLinks } from './unsubscribe-links';

/** Writes weekly summaries. Mail programs show no SVG inside a text: the picture is attached, with a link to the graph. */
@WritesMail('weekly-summary')
@Injectable()
export class SummaryMailWriter implements MailWriter {
  constructor(
    private readonly recipients: SummaryRecipients,
    private readonly facts: SummaryFactsService,
    private readonly links: UnsubscribeLinks,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  async write({ user_key, details }: MailRow): Promise<AddressedLetter | undefined> {
    const account = await this.recipients.find(user_key);
    if (!account) return undefined;
    const { week } = JSON.parse(details ?? '{}') as { week: number };
    const owner = { key: account.key, id: uuidText(account.id), role: account.role };
    const facts = await this.facts.read(owner, week);
    const unsubscribe = await this.links.of(account.id);
    return {
      to: account.email,
      subject: headline(facts),
      ...this.body(facts, unsubscribe),
      attachments: attachmentsOf(facts),
      unsubscribe,
    };
  }

  private body(facts: WeekFacts, unsubscribe: string): Pick<Letter, 'text' | 'html'> {
    const url = this.config.get('PUBLIC_URL') ?? '';
    const [first] = facts.top;
    const lines = changes(facts);
    const paragraphs: Paragraph[] = [
      `${headline(facts)}, ${safety(facts, this.clock.now())}.`,
      ...(lines.length === 0 ? [] : [lines.join('\n')]),
      ...(first ? [{ link: `${url}/graphs/${first.id}`, label: `Open ${first.title}` }] : []),
      ...(facts.picture ? ['Its picture is attached.'] : []),
      { link: unsubscribe, label: 'Stop these mails' },
    ];
    const footer = `${this.config.get('PROJECT_NAME')} · ${url}\nYou get this mail because you asked for it in your settings.`;
    return compose(paragraphs, footer);
  }
}

function attachmentsOf({ picture }: WeekFacts): Attachment[] {
  if (!picture) return [];
  return [{ filename: 'graph.svg', contentType: 'image/svg+xml', content: picture }];
}
