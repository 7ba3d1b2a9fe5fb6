import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { MAIL_KINDS } from './domain/mail-kinds';
import type { AddressedLetter } from './domain/letter';
import type { MailRow } from './domain/mail.entity';
import { WritesMail, type MailWriter } from './writes-mail.decorator';

/** Finds the writer of each kind of mails. */
@Injectable()
export class MailWriters {
  private found: Map<string, MailWriter> | undefined;

  constructor(private readonly discovery: DiscoveryService) {}

  /** The letter of a mail; undefined if there is nothing to send any longer. */
  async write(mail: MailRow, signal: AbortSignal): Promise<AddressedLetter | undefined> {
    const writer = this.all().get(MAIL_KINDS[mail.kind] ?? '');
    return writer?.write(mail, signal);
  }

  private all(): Map<string, MailWriter> {
    this.found ??= new Map(
      this.discovery.getProviders({ metadataKey: WritesMail.KEY }).map((wrapper) => {
        const kind = this.discovery.getMetadataByDecorator(WritesMail, wrapper);
        return [kind ?? '', wrapper.instance as MailWriter];
      }),
    );
    return this.found;
  }
}
