import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { AppConfig, type ConfigError } from './app-config';
import { certificateFault } from './certificate-file';

let root: string;
let file: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'graphomat-test-certificates-'));
  file = join(root, 'ca.pem');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const faultOf = (content: string) => {
  writeFileSync(file, content);
  return certificateFault(file);
};

it('takes a file of certificates, with text around them', () => {
  const [first = '', second = ''] = rootCertificates;
  expect(faultOf(first)).toBeUndefined();
  expect(faultOf(`# ours\n${first}\n\n# theirs\n${second}\n`)).toBeUndefined();
});

it('says what is wrong with any other', () => {
  expect(faultOf('')).toMatch(/has none$/);
  expect(faultOf('not pem')).toMatch(/has none$/);
  expect(faultOf('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')).toMatch(
    /cannot be read$/,
  );
  expect(certificateFault(root)).toMatch(/names something else$/);
  expect(certificateFault(join(root, 'none.pem'))).toMatch(/\(ENOENT\)$/);
});

it('is a fault of the configuration, in both settings that name one', () => {
  const mail = { MAIL_FROM: 'backup@example.org', PUBLIC_URL: 'https://backup.example.org' };
  const none = join(root, 'none.pem');
  const environment = {
    SOURCE_CA_FILE: none,
    SMTP_URL: `smtp://mail.example.org?ca_file=${none}`,
    ...mail,
  };
  let faults: readonly string[] = [];
  try {
    AppConfig.from(environment);
  } catch (error) {
    faults = (error as ConfigError).faults;
  }
  expect(faults.map((fault) => fault.split(' must')[0])).toEqual(['SOURCE_CA_FILE', 'SMTP_URL, in ca_file,']);
  expect(faults.join()).not.toContain(root);
});
