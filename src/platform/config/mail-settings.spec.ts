import { AppConfig, type ConfigError } from './app-config';
import { readSender, readSmtpUrl } from './mail-settings';

const PUBLIC_URL = 'https://backup.example.org';
const faultsOf = (environment: Record<string, string>) => {
  try {
    AppConfig.from(environment);
    return [];
  } catch (error) {
    return (error as ConfigError).faults;
  }
};

describe('SMTP_URL', () => {
  it.each([
    ['smtp://mail.example.org', { host: 'mail.example.org', port: 587, tls: 'required', user: undefined }],
    ['smtps://mail.example.org', { port: 465, tls: 'implicit' }],
    ['smtp://a:p%40%2F%25@mail.example.org:2525', { port: 2525, user: 'a', password: 'p@/%' }],
    ['smtp://ada%40example.org:x@h', { user: 'ada@example.org' }],
    ['smtp://127.0.0.1:25', { tls: 'if-offered' }],
    ['smtp://[::1]:25', { host: '::1', tls: 'if-offered' }],
    ['smtp://mail.lan?tls=off', { tls: 'off' }],
    ['smtp://127.0.0.1?tls=required&ca_file=/etc/ca.pem', { tls: 'required', caFile: '/etc/ca.pem' }],
  ])('%s', (text, expected) => expect(readSmtpUrl(text)).toMatchObject(expected));

  it.each([
    'mail.example.org',
    'https://mail.example.org',
    'smtp://',
    'smtp://user:pa/ss@host',
    'smtp://user:p%zz@host',
    'smtp://host/path',
    'smtp://host#x',
    'smtp://host?tls=maybe',
    'smtp://host?pool=true',
    'smtp://host:99999',
  ])('refuses %s', (text) => {
    expect(() => readSmtpUrl(text)).toThrow(/^(must|can only|has) /);
    const faults = faultsOf({ SMTP_URL: text, MAIL_FROM: 'a@b.example', PUBLIC_URL });
    expect(faults).toEqual([expect.stringMatching(/^SMTP_URL /)]);
  });

  it('is not quoted, because it holds a password', () => {
    const [fault] = faultsOf({ SMTP_URL: 'smtp://me:hunter2/x@host', MAIL_FROM: 'a@b.example', PUBLIC_URL });
    expect(fault).not.toContain('hunter2');
  });
});

describe('MAIL_FROM', () => {
  it.each([
    ['backup@example.org', { name: '', address: 'backup@example.org' }],
    ['Backup <backup@example.org>', { name: 'Backup', address: 'backup@example.org' }],
    ['"Backup, daily" <backup@example.org>', { name: 'Backup, daily', address: 'backup@example.org' }],
  ])('%s', (text, expected) => expect(readSender(text)).toEqual(expected));

  it.each([
    'backup',
    'Backup <backup>',
    'a@b.example\r\nBcc: c@d.example',
    'A\n<a@b.example>',
    '<a@b.example',
  ])('refuses %j', (text) => expect(() => readSender(text)).toThrow(/^must be an e-mail address/));
});

describe('mail', () => {
  const SMTP_URL = 'smtp://mail.example.org';
  const MAIL_FROM = 'backup@example.org';

  it('needs the server, the sender and the public address, and nothing without the server', () => {
    expect(faultsOf({ SMTP_URL, MAIL_FROM, PUBLIC_URL })).toEqual([]);
    expect(faultsOf({ PUBLIC_URL })).toEqual([]);
    expect(faultsOf({ SMTP_URL, PUBLIC_URL })).toEqual([expect.stringContaining('SMTP_URL needs MAIL_FROM')]);
    expect(faultsOf({ SMTP_URL, MAIL_FROM })).toEqual([expect.stringContaining('SMTP_URL needs PUBLIC_URL')]);
    expect(faultsOf({ MAIL_FROM, PUBLIC_URL })).toEqual([
      expect.stringContaining('MAIL_FROM needs SMTP_URL'),
    ]);
    expect(faultsOf({ SMTP_URL })).toHaveLength(2);
  });

  it('has one fault for a setting that is invalid', () => {
    expect(faultsOf({ SMTP_URL, MAIL_FROM: 'none', PUBLIC_URL })).toHaveLength(1);
    expect(faultsOf({ SMTP_URL: 'none', MAIL_FROM, PUBLIC_URL })).toHaveLength(1);
  });
});
