import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config';
import type { SmtpTarget } from '../../platform/config/mail-settings';
import { failureCode, faultOf, type DeliveryFault, type SmtpFailure } from './domain/delivery-fault';
import { checkedLetter, type AddressedLetter } from './domain/letter';

/** Limits of one connection: until it is open, until the server greets, and without any progress; ms. */
const CONNECT_MS = 15_000;
const GREETING_MS = 15_000;
const SILENCE_MS = 30_000;
/** A mail that takes longer than this is given up for now, even if the server makes progress; ms. */
const MAIL_MS = 60_000;

/** A mail was not delivered. `code` is short and holds nothing that the server wrote. */
export class DeliveryError extends Error {
  constructor(
    readonly fault: DeliveryFault,
    readonly code: string,
  ) {
    super(`The mail was not delivered (${code}).`);
    this.name = 'DeliveryError';
  }
}

/** A connection to the mail server for several mails. */
export interface MailSession {
  /**
   * Sends a letter. Resolves when the server has taken it. Throws DeliveryError, UnsendableMailError, or the reason of
   * `signal`. `messageId` is the same for each attempt of a mail, so that a reader's program can drop a second one.
   */
  send(letter: AddressedLetter, messageId: string, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Speaks SMTP, with nodemailer. The package is loaded with the first mail: most starts send none. */
@Injectable()
export class MailTransport {
  constructor(private readonly config: AppConfig) {}

  /** Opens a session; the connection itself is opened by the first mail. Throws DeliveryError. */
  async open(): Promise<MailSession> {
    const target = this.config.get('SMTP_URL');
    const from = this.config.get('MAIL_FROM');
    if (!target || !from) throw new Error('Mail is not set up: SMTP_URL and MAIL_FROM are missing.');
    const { createTransport } = await import('nodemailer');
    const mailer = createTransport({ ...(await optionsOf(target)), pool: true });
    const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
    return {
      send: async (letter, messageId, signal) => {
        const { to, subject, text, html, attachments = [], unsubscribe } = checkedLetter(letter);
        const limit = AbortSignal.any([signal, AbortSignal.timeout(MAIL_MS)]);
        const message = {
          // A copy: the settings are frozen, and the package changes what it gets.
          from: { ...from },
          to: { name: '', address: to },
          subject,
          text,
          html,
          attachments: [...attachments],
          messageId: `<${messageId}@${domain}>`,
          headers: headersOf(unsubscribe),
          disableFileAccess: true,
          disableUrlAccess: true,
          signal: limit,
        };
        await mailer.sendMail(message).catch((error: unknown) => {
          signal.throwIfAborted();
          throw deliveryError(error);
        });
      },
      close: () => mailer.close(),
    };
  }
}

async function optionsOf({ host, port, tls, user, password, caFile }: SmtpTarget) {
  return {
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'required',
    ignoreTLS: tls === 'off',
    ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
    ...(caFile !== undefined && { tls: { ca: [...rootCertificates, await certificates(caFile)] } }),
    maxConnections: 1,
    // The queue repeats what failed, and knows when.
    maxRequeues: 0,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: GREETING_MS,
    socketTimeout: SILENCE_MS,
    dnsTimeout: CONNECT_MS,
  };
}

async function certificates(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new DeliveryError('server', 'CA_FILE');
  }
}

/** Marks the mail as automatic, so that no holiday notice answers it, and says how to unsubscribe. */
function headersOf(unsubscribe: string | undefined): Record<string, string> {
  const automatic = { 'Auto-Submitted': 'auto-generated' };
  if (unsubscribe === undefined) return automatic;
  return {
    ...automatic,
    'List-Unsubscribe': `<${unsubscribe}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  };
}

/** Errors without a code are no answers of a server but bugs: they are returned as they are. */
function deliveryError(error: unknown): unknown {
  const failure = error as SmtpFailure;
  if (failure.code === undefined) return error;
  return new DeliveryError(faultOf(failure), failureCode(failure));
}
