import { isEmail } from 'class-validator';

/** When the connection to the mail server is encrypted: from the start, by STARTTLS, if it is offered, or never. */
export type SmtpTls = 'implicit' | 'required' | 'if-offered' | 'off';

/** The mail server. */
export interface SmtpTarget {
  host: string;
  port: number;
  tls: SmtpTls;
  user: string | undefined;
  password: string | undefined;
  /** A file with certificates (PEM) that are trusted in addition to the well-known ones. */
  caFile: string | undefined;
}

/** Where mails come from. */
export interface Sender {
  name: string;
  address: string;
}

const SHAPE = 'must be an address such as smtp://user:password@mail.example.org:587 or smtps://…:465';
const TLS_CHOICES = ['required', 'if-offered', 'off'] as const;
const PARAMETERS = ['tls', 'ca_file'];
const SUBMISSION_PORT = 587;
const SUBMISSIONS_PORT = 465;

/** Parses SMTP_URL. Throws an Error whose message completes "SMTP_URL …", and never quotes the value. */
export function readSmtpUrl(text: string): SmtpTarget | undefined {
  if (text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '') throw new Error(SHAPE);
  if (!['', '/'].includes(url.pathname) || url.hash !== '')
    throw new Error(`${SHAPE}, without a path; write % in a password as %25, / as %2F, # as %23`);
  const unknown = [...url.searchParams.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) throw new Error(`can only have the parameters ${PARAMETERS.join(' and ')}`);
  const implicit = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return Object.freeze({
    host,
    port: url.port === '' ? (implicit ? SUBMISSIONS_PORT : SUBMISSION_PORT) : Number(url.port),
    tls: implicit ? 'implicit' : tlsOf(url.searchParams.get('tls'), host),
    user: decoded(url.username),
    password: decoded(url.password),
    caFile: url.searchParams.get('ca_file') ?? undefined,
  });
}

// Links to set a password pass through this connection, so it is encrypted unless it stays on this machine.
function tlsOf(given: string | null, host: string): SmtpTls {
  if (given === null) return isLoopback(host) ? 'if-offered' : 'required';
  const found = TLS_CHOICES.find((choice) => choice === given);
  if (!found) throw new Error(`must have one of these values for tls: ${TLS_CHOICES.join(', ')}`);
  return found;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}

function decoded(part: string): string | undefined {
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error('has a user or password with a % that is not followed by two digits; write it as %25');
  }
}

const NAMED = /^(?<name>[^<>"\p{Cc}]*?|"[^"\\\p{Cc}]*")\s*<(?<address>[^<>\s]+)>$/u;

/** Parses MAIL_FROM: an address, or `Name <address>`. Throws an Error whose message completes "MAIL_FROM …". */
export function readSender(text: string): Sender | undefined {
  if (text === '') return undefined;
  const parts = NAMED.exec(text.trim())?.groups;
  const address = parts?.['address'] ?? text.trim();
  if (!isEmail(address) || /\p{Cc}/u.test(text))
    throw new Error('must be an e-mail address such as backup@example.org, or "Backup <backup@example.org>"');
  return Object.freeze({ name: (parts?.['name'] ?? '').replace(/^"|"$/g, '').trim(), address });
}
