import { isEmail } from 'class-validator';
import * as ipaddr from 'ipaddr.js';
import { parseDatabaseUrl } from '../database/database-url';
import { LOG_LEVELS } from '../logging/log';
import { parseCron } from '../jobs/cron';
import { readSender, readSmtpUrl } from './mail-settings';
import { parseStoreUrl } from '../objects/store-url';
import { readFolders, readNetworks } from '../outbound/outbound-settings';
import {
  BUILT_IN_POLICY,
  POLICY_FIELDS,
  POLICY_LIMITS,
  isAllowed,
  keepsSomething,
  minOf,
  type PolicyField,
  type PolicyPart,
} from './policy-limits';

/** Parses the text of a variable. Throws an Error whose message completes "NAME …" if it is invalid. */
type Reader<T> = (text: string) => T;

/** An environment variable: its default in text form, and how to parse its text. */
export interface Variable<T> {
  readonly fallback: string;
  readonly read: Reader<T>;
}

const variable = <T>(fallback: string, read: Reader<T>): Variable<T> => ({ fallback, read });

const text: Reader<string> = (value) => value;

// For `localhost`, Fastify opens a second server for the other address family, without the limits of the first.
const host: Reader<string> = (value) => (value.toLowerCase() === 'localhost' ? '127.0.0.1' : value);

const optional: Reader<string | undefined> = (value) => (value === '' ? undefined : value);

const integer =
  (min: number, max: number): Reader<number> =>
  (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : NaN;
    if (!(number >= min && number <= max)) throw new Error(`must be a whole number from ${min} to ${max}`);
    return number;
  };

const oneOf =
  <T extends string>(...choices: readonly T[]): Reader<T> =>
  (value) => {
    const found = choices.find((choice) => choice === value);
    if (found === undefined)
      throw new Error(`must be one of: ${choices.filter((choice) => choice !== '').join(', ')}`);
    return found;
  };

const adminEmail: Reader<string | undefined> = (value) => {
  if (value !== '' && !isEmail(value)) throw new Error('must be an e-mail address');
  return optional(value);
};

const adminPassword: Reader<string | undefined> = (value) => {
  if (value !== '' && (value.length < 12 || value.length > 128))
    throw new Error('must have 12 to 128 characters');
  return optional(value);
};

const flag: Reader<boolean> = (value) => oneOf('true', 'false')(value) === 'true';

const prefix: Reader<string> = (value) => {
  if (!/^(\/[A-Za-z0-9._~-]+)+$/.test(value))
    throw new Error('must be a path such as /api/v1, without a trailing slash');
  return value;
};

const cron: Reader<string> = (value) => {
  parseCron(value);
  return value.trim();
};

const databaseUrl: Reader<string> = (value) => {
  parseDatabaseUrl(value);
  return value;
};

const storeUrl: Reader<string> = (value) => {
  parseStoreUrl(value);
  return value;
};

// Keys from examples on the web protect nothing.
const SAMPLE_SECRETS = /change.?me|secret.?key|your.?secret|example|password|^(.)\1*$/i;

const secret: Reader<string | undefined> = (value) => {
  if (value === '') return undefined;
  if (value.length < 32) throw new Error('must have at least 32 characters (try: openssl rand -base64 48)');
  if (SAMPLE_SECRETS.test(value))
    throw new Error('is a sample value; create your own (openssl rand -base64 48)');
  return value;
};

const masterKey: Reader<Buffer | undefined> = (value) => {
  if (value === '') return undefined;
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== 32 || !/^[A-Za-z0-9+/]{43}=$/.test(value))
    throw new Error('must be 32 bytes in base64 (openssl rand -base64 32)');
  return bytes;
};

const origins: Reader<readonly string[]> = (value) => {
  const list = value
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '');
  const wrong = list.some((origin) => !/^https?:\/\/[^/?#]+$/.test(origin));
  if (wrong) throw new Error('must be a comma-separated list of origins such as https://app.example.org');
  return Object.freeze(list);
};

const HOPS_MAX = 10;

/** Whose `X-Forwarded-For` is trusted: of no proxy, of a number of proxies in a row, or of proxies in these networks. */
const trustProxy: Reader<false | number | string[]> = (value) => {
  if (value === 'false') return false;
  if (value === 'true')
    throw new Error(
      'must not be true, which believes whatever a client writes into X-Forwarded-For; ' +
        'write the number of proxies in front of the service, such as 1, or their networks, such as 10.0.0.0/8',
    );
  if (/^\d+$/.test(value)) return integer(1, HOPS_MAX)(value);
  const networks = value.split(',').map((network) => network.trim());
  if (networks.every((network) => ipaddr.isValid(network) || ipaddr.isValidCIDR(network))) return networks;
  throw new Error(
    'must be false, the number of proxies in front of the service, or a comma separated list of their networks',
  );
};

const publicUrl: Reader<string | undefined> = (value) => {
  if (value === '') return undefined;
  if (!/^https?:\/\/[^/?#\s]+(\/[^?#\s]*[^/?#\s])?$/.test(value))
    throw new Error('must be an address such as https://backup.example.org, without a trailing slash');
  return value;
};

const policy: Reader<PolicyPart> = (value) => {
  const parsed: unknown = value === '' ? {} : JSON.parse(value);
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed))
    throw new Error('must be a JSON object of whole numbers, such as {"keep_last":20,"keep_daily":30}');
  const fields = Object.entries(parsed);
  const known = fields.every(([name]) => POLICY_FIELDS.some((field) => field === name));
  if (!known) throw new Error(`can only have the fields ${POLICY_FIELDS.join(', ')}`);
  for (const [name, number] of fields) {
    const field = name as PolicyField;
    if (!isAllowed(field, number))
      throw new Error(
        `must have a whole number from ${minOf(field)} to ${POLICY_LIMITS[field]} for ${field}`,
      );
  }
  if (!keepsSomething({ ...BUILT_IN_POLICY, ...parsed }))
    throw new Error('must keep versions: all its rules are 0');
  return Object.freeze({ ...parsed });
};

const YEARS_100_DAYS = 36_500;

const daysOrUnset: Reader<number | undefined> = (value) =>
  value === '' ? undefined : integer(1, 365)(value);

/**
 * Every environment variable of the service, with its default. `.env.example` explains them, and a test keeps the
 * two equal. An empty value means "not set".
 */
export const VARIABLES = {
  PROJECT_NAME: variable('GRAPHOMAT-BACKUP', text),
  API_V1_STR: variable('/api/v1', prefix),
  HOST: variable('127.0.0.1', host),
  PORT: variable('3000', integer(0, 65_535)),
  DATA_DIR: variable('./data', text),
  DATABASE_URL: variable('', databaseUrl),
  ALLOW_EMPTY_DATABASE: variable('false', flag),
  DISK_RESERVE_BYTES: variable('16777216', integer(0, Number.MAX_SAFE_INTEGER)),
  DATABASE_POOL_SIZE: variable('10', integer(2, 1_000)),
  SECRET_KEY: variable('', secret),
  SECRET_KEY_PREVIOUS: variable('', secret),
  ENCRYPTION_KEY: variable('', masterKey),
  ENCRYPTION_KEY_PREVIOUS: variable('', masterKey),
  BACKUP_STORE_URL: variable('', storeUrl),
  BACKUP_CRON: variable('* * * * *', cron),
  BACKUP_FULL_CRON: variable('0 3 * * 0', cron),
  BACKUP_KEEP_GENERATIONS: variable('2', integer(1, 100)),
  VERIFY_CRON: variable('0 4 * * *', cron),
  VERIFY_WITHIN_DAYS: variable('', daysOrUnset),
  BACKUP_DEGRADED_AFTER_MINUTES: variable('5', integer(1, 525_600)),
  BACKUP_DOWN_AFTER_MINUTES: variable('60', integer(1, 525_600)),
  RETENTION_CRON: variable('17 * * * *', cron),
  DELETED_RETENTION_DAYS: variable('30', integer(1, YEARS_100_DAYS)),
  DEFAULT_POLICY: variable('', policy),
  AUDIT_RETENTION_DAYS: variable('400', integer(1, YEARS_100_DAYS)),
  REGISTRATION: variable('first', oneOf('first', 'open', 'closed')),
  ADMIN_EMAIL: variable('', adminEmail),
  ADMIN_PASSWORD: variable('', adminPassword),
  ACCESS_TOKEN_EXPIRE_MINUTES: variable('30', integer(1, 1_440)),
  REFRESH_TOKEN_EXPIRE_DAYS: variable('30', integer(1, 3_650)),
  MAX_BODY_BYTES: variable('16777216', integer(1_024, 536_870_912)),
  ANSWER_STALL_SECONDS: variable('60', integer(1, 3_600)),
  MAX_BODIES_IN_FLIGHT_BYTES: variable('134217728', integer(1_048_576, Number.MAX_SAFE_INTEGER)),
  MAX_IMPORT_BYTES: variable('1073741824', integer(1_024, Number.MAX_SAFE_INTEGER)),
  MAX_JSON_DEPTH: variable('256', integer(1, 10_000)),
  USER_QUOTA_BYTES: variable('0', integer(0, Number.MAX_SAFE_INTEGER)),
  THROTTLE_LOGIN_PER_MINUTE: variable('10', integer(0, 1_000_000)),
  THROTTLE_PER_MINUTE: variable('6000', integer(0, 100_000_000)),
  TRUST_PROXY: variable('false', trustProxy),
  CORS_ORIGINS: variable('', origins),
  PUBLIC_URL: variable('', publicUrl),
  SMTP_URL: variable('', readSmtpUrl),
  MAIL_FROM: variable('', readSender),
  CONSOLE: variable('on', oneOf('on', 'off')),
  SOURCES: variable('on', oneOf('on', 'off')),
  WEBHOOKS: variable('on', oneOf('on', 'off')),
  SOURCE_NETWORKS: variable('', readNetworks),
  SOURCE_FOLDERS: variable('', readFolders),
  SOURCE_CA_FILE: variable('', optional),
  SOURCE_ITEMS_MAX: variable('20000', integer(1, 1_000_000)),
  METRICS_TOKEN: variable('', optional),
  SHUTDOWN_DELAY_SECONDS: variable('5', integer(0, 300)),
  MEMORY_DEGRADED_BYTES: variable('1073741824', integer(1_048_576, Number.MAX_SAFE_INTEGER)),
  SLOW_REQUEST_MS: variable('2000', integer(0, 3_600_000)),
  SLOW_QUERY_MS: variable('500', integer(0, 3_600_000)),
  LOG_LEVEL: variable('info', oneOf(...LOG_LEVELS)),
  LOG_FORMAT: variable('', oneOf('', 'json', 'pretty')),
} as const;

export type VariableName = keyof typeof VARIABLES;

/** All settings, by variable name, each in its own type. */
export type Settings = { readonly [K in VariableName]: ReturnType<(typeof VARIABLES)[K]['read']> };
