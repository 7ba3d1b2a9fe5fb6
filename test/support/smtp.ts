import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { until } from './within';

const PATIENCE_MS = 30_000;
const TLS = join(__dirname, '..', 'fixtures', 'tls');
/** The authority of the server's certificate: the certificate itself. Its key is public; it is for tests only. */
export const CA_FILE = join(TLS, 'localhost.pem');
/** Every setting that mail needs besides SMTP_URL. */
export const MAIL_SETTINGS = {
  MAIL_FROM: 'Backup <backup@test.example>',
  PUBLIC_URL: 'https://backup.example.org',
};

/** A mail as the server took it. */
export interface ReceivedMail {
  from: string;
  to: string[];
  raw: string;
  /** Whether it came over TLS, and as whom the client signed in. */
  secure: boolean;
  user: string | undefined;
}

/** What the server refuses, by its reply code; undefined: nothing. */
export interface Refusals {
  recipient?: (address: string) => number | undefined;
  data?: () => number | undefined;
}

export interface SmtpOptions {
  tls?: 'none' | 'starttls' | 'implicit';
  /** The only credentials that are accepted; undefined: no sign-in. */
  credentials?: { user: string; password: string };
  refusals?: Refusals;
}

/** A real SMTP server on a port of its own. */
export interface TestSmtp {
  url: string;
  port: number;
  received: ReceivedMail[];
  /** Set it to change what is refused from now on. */
  refusals: Refusals;
  /** The first mail to an address that meets `matches`, waiting for it. */
  mailTo(address: string, matches?: (mail: ReceivedMail) => boolean): Promise<ReceivedMail>;
  close(): Promise<void>;
}

export async function startSmtp({
  tls = 'none',
  credentials,
  refusals = {},
}: SmtpOptions = {}): Promise<TestSmtp> {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    secure: tls === 'implicit',
    key: readFileSync(join(TLS, 'localhost-key.pem')),
    cert: readFileSync(CA_FILE),
    hideSTARTTLS: tls !== 'starttls',
    authOptional: credentials === undefined,
    disabledCommands: [...(credentials ? [] : ['AUTH']), ...(tls === 'none' ? ['STARTTLS'] : [])],
    allowInsecureAuth: true,
    closeTimeout: 1,
    onAuth: ({ username, password }, _session, done) => {
      if (username === credentials?.user && password === credentials?.password)
        done(null, { user: username });
      else done(replied(535, 'refused'));
    },
    onRcptTo: ({ address }, _session, done) => done(refusal(smtp.refusals.recipient?.(address))),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const code = smtp.refusals.data?.();
        if (code !== undefined) return done(refusal(code));
        received.push({
          from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
          to: session.envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString('utf8'),
          secure: session.secure,
          user: session.user as string | undefined,
        });
        done(null);
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const who = credentials ? `${credentials.user}:${encodeURIComponent(credentials.password)}@` : '';
  const smtp: TestSmtp = {
    url: `${tls === 'implicit' ? 'smtps' : 'smtp'}://${who}localhost:${port}`,
    port,
    received,
    refusals,
    mailTo: (address, matches = () => true) =>
      until(PATIENCE_MS, `a mail to ${address}`, () =>
        received.find((mail) => mail.to.includes(address) && matches(mail)),
      ),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return smtp;
}

function refusal(code: number | undefined): Error | null {
  return code === undefined ? null : replied(code, 'refused by the test for secret@test.example');
}

function replied(code: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode: code });
}

/** The value of a header, unfolded. */
export function headerOf({ raw }: ReceivedMail, name: string): string | undefined {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  const line = head.split('\r\n').find((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line?.slice(name.length + 1).trim();
}

/** The decoded part of a mail with this content type, such as `text/plain`. */
export function partOf({ raw }: ReceivedMail, type: string): string {
  const start = raw.indexOf(`Content-Type: ${type}`);
  if (start < 0) throw new Error(`The mail has no part ${type}:\n${raw}`);
  const rest = raw.slice(start);
  const head = rest.slice(0, rest.indexOf('\r\n\r\n'));
  const body = rest.slice(head.length + 4).split(/\r\n--[-\w=]+(?:--)?\r\n/)[0]!;
  const encoding = /Content-Transfer-Encoding: (\S+)/i.exec(head)?.[1]?.toLowerCase();
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  return encoding === 'quoted-printable' ? fromQuotedPrintable(body) : body;
}

function fromQuotedPrintable(text: string): string {
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
