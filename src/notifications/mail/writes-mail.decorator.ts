import { DiscoveryService } from '@nestjs/core';
import type { AddressedLetter } from './domain/letter';
import type { MailKind } from './domain/mail-kinds';
import type { MailRow } from './domain/mail.entity';

/** Writes the letter of a mail that is about to be sent; undefined: there is nothing to send any longer. */
export interface MailWriter {
  write(mail: MailRow, signal: AbortSignal): Promise<AddressedLetter | undefined>;
}

/** Declares a provider as the `MailWriter` of a kind of mails. */
export const WritesMail = DiscoveryService.createDecorator<MailKind>();
