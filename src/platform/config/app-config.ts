import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'dotenv';
import { parseDatabaseUrl, type DatabaseTarget } from '../database/database-url';
import { OperatorError } from '../errors/operator-error';
import { certificateFault } from './certificate-file';
import { describeUnknown, unknownInEnvironment, unknownInFile } from './unknown-settings';
import { VARIABLES, type Settings, type VariableName } from './variables';

/**
 * All errors of a configuration at once, each with its variable. Values are never quoted because they may be secret.
 */
export class ConfigError extends OperatorError {
  constructor(readonly faults: readonly string[]) {
    super(
      `The configuration has ${faults.length} error(s):\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    );
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The validated, frozen settings. The only place that reads the environment. */
export class AppConfig {
  private constructor(
    readonly settings: Settings,
    readonly database: DatabaseTarget,
    readonly storeUrl: string,
    /** What looks like a setting and is none; each is a sentence. */
    readonly unknown: readonly string[],
  ) {
    Object.freeze(this);
  }

  /** Reads the environment of the process, and `.env` in the working directory if there is one. */
  static fromProcess(): AppConfig {
    const file = readDotEnv(join(process.cwd(), '.env'));
    const known = Object.keys(VARIABLES);
    const unknown = [
      ...unknownInFile(file.text, file.values, known),
      ...unknownInEnvironment(Object.keys(process.env), known),
    ];
    return AppConfig.from({ ...file.values, ...process.env }, unknown.map(describeUnknown));
  }

  /** Reads `environment`. Throws a ConfigError that lists every error, and what is unknown, which may be the reason. */
  static from(environment: Environment, unknown: readonly string[] = []): AppConfig {
    const faults: string[] = [];
    const settings = readAll(environment, faults);
    faults.push(...faultsBetween(settings, faults));
    if (faults.length > 0) throw new ConfigError([...faults, ...unknown]);
    const base = settings.DATA_DIR.replace(/\/+$/, '') || '/';
    // Not by way of a URL: a folder may have a "?" in its name.
    const database: DatabaseTarget = settings.DATABASE_URL
      ? parseDatabaseUrl(settings.DATABASE_URL)
      : { kind: 'sqlite', file: resolve(base, 'workflow.db') };
    const storeUrl = settings.BACKUP_STORE_URL || `file:///${resolve(base)}/vault`;
    return new AppConfig(settings, database, storeUrl, unknown);
  }

  get<K extends VariableName>(name: K): Settings[K] {
    return this.settings[name];
  }
}

function readAll(environment: Environment, faults: string[]): Settings {
  const read = (name: VariableName): unknown => {
    const { fallback, read: reader } = VARIABLES[name];
    const given = environment[name];
    const text = given === undefined || given === '' ? fallback : given;
    if (text === '' && (name === 'DATABASE_URL' || name === 'BACKUP_STORE_URL')) return '';
    try {
      return reader(text);
    } catch (error) {
      faults.push(`${name} ${error instanceof SyntaxError ? 'must be JSON' : (error as Error).message}`);
      return undefined;
    }
  };
  const names = Object.keys(VARIABLES) as VariableName[];
  return Object.freeze(Object.fromEntries(names.map((name) => [name, read(name)]))) as unknown as Settings;
}

function faultsBetween(settings: Settings, already: readonly string[]): string[] {
  const faults: string[] = [];
  if ((settings.ADMIN_EMAIL === undefined) !== (settings.ADMIN_PASSWORD === undefined)) {
    faults.push('ADMIN_EMAIL and ADMIN_PASSWORD must be set together');
  }
  if (settings.ADMIN_EMAIL && settings.ADMIN_EMAIL.toLowerCase() === settings.ADMIN_PASSWORD?.toLowerCase()) {
    faults.push('ADMIN_PASSWORD must not be the e-mail address');
  }
  if (
    settings.SECRET_KEY_PREVIOUS &&
    !settings.SECRET_KEY &&
    !already.some((fault) => fault.startsWith('SECRET_KEY '))
  ) {
    faults.push('SECRET_KEY_PREVIOUS needs SECRET_KEY; set both');
  }
  return [...faults, ...certificateFaults(settings), ...mailFaults(settings, already)];
}

/** A file that is missing would be noticed when the first connection fails. */
function certificateFaults({ SOURCE_CA_FILE: forSources, SMTP_URL: mail }: Settings): string[] {
  const named: Array<[string, string | undefined]> = [
    ['SOURCE_CA_FILE', forSources],
    ['SMTP_URL, in ca_file,', mail?.caFile],
  ];
  return named.flatMap(([name, file]) => {
    const fault = file === undefined ? undefined : certificateFault(file);
    return fault === undefined ? [] : [`${name} ${fault}`];
  });
}

/** What mail needs and is not set. A setting that is there and invalid has its own fault already. */
function mailFaults(settings: Settings, already: readonly string[]): string[] {
  const isSet = (name: 'SMTP_URL' | 'MAIL_FROM' | 'PUBLIC_URL') =>
    settings[name] !== undefined || already.some((fault) => fault.startsWith(`${name} `));
  if (!isSet('SMTP_URL'))
    return isSet('MAIL_FROM') ? ['MAIL_FROM needs SMTP_URL, the server that sends the mails'] : [];
  const faults: string[] = [];
  if (!isSet('MAIL_FROM')) faults.push('SMTP_URL needs MAIL_FROM, the address that mails come from');
  if (!isSet('PUBLIC_URL')) faults.push('SMTP_URL needs PUBLIC_URL, which links in mails begin with');
  return faults;
}

function readDotEnv(path: string): { text: string; values: Record<string, string> } {
  try {
    const text = readFileSync(path, 'utf8');
    return { text, values: parse(text) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { text: '', values: {} };
    throw new ConfigError([
      `.env cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`,
    ]);
  }
}
