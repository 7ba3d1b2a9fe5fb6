import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'dotenv';
import { parseDatabaseUrl, type DatabaseTarget } from '../database/database-url';
import { OperatorError } from '../errors/operator-error';
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
  ) {
    Object.freeze(this);
  }

  /** Reads the environment of the process, and `.env` in the working directory if there is one. */
  static fromProcess(): AppConfig {
    return AppConfig.from({ ...readDotEnv(join(process.cwd(), '.env')), ...process.env });
  }

  /** Reads `environment`. Throws a ConfigError that lists every error. */
  static from(environment: Environment): AppConfig {
    const faults: string[] = [];
    const settings = readAll(environment, faults);
    faults.push(...faultsBetween(settings, faults));
    if (faults.length > 0) throw new ConfigError(faults);
    const base = settings.DATA_DIR.replace(/\/+$/, '') || '/';
    const database = parseDatabaseUrl(settings.DATABASE_URL || `sqlite:///${base}/workflow.db`);
    return new AppConfig(settings, database, settings.BACKUP_STORE_URL || `file:///${resolve(base)}/vault`);
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
  return faults;
}

function readDotEnv(path: string): Record<string, string> {
  try {
    return parse(readFileSync(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new ConfigError([
      `.env cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`,
    ]);
  }
}
