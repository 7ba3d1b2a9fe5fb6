import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module';
import { AccountsService } from './auth/accounts.service';
import { type PasswordCost } from './auth/passwords';
import { SigningKeys } from './auth/signing-key';
import { checkBeforeStart } from './backups/start-check';
import { databaseSchema } from './database-schema';
import { describeApi } from './openapi';
import { Clock } from './platform/clock/clock';
import { type AppConfig } from './platform/config/app-config';
import { keyPath, readOrMakeKey } from './platform/config/key-files';
import { nodeFault } from './platform/health/node-version';
import { Keyring } from './platform/crypto/keyring';
import { KeyringStore } from './platform/crypto/keyring.store';
import { LostMasterKeyError, MASTER_KEY_FILE, MasterKeySource } from './platform/crypto/master-key-source';
import { openDatabase, type OpenDatabase } from './platform/database/database';
import { Databases } from './platform/database/databases';
import { migrateApart } from './platform/database/migrate-apart';
import type { UnitOfWork } from './platform/database/unit-of-work';
import { protectBrowsers } from './platform/http/browser-safety';
import { InputPipe } from './platform/http/input.pipe';
import { ProblemFilter } from './platform/http/problem.filter';
import { RequestsInProgress } from './platform/fairness/requests-in-progress';
import { countTraffic, createAdapter } from './platform/http/server';
import { Log, type LogLevel } from './platform/logging/log';
import { Traffic } from './platform/metrics/traffic';
import { JobScheduler } from './platform/jobs/job-scheduler';
import { workerFile } from './platform/workers/worker-file';
import { Workers } from './platform/workers/workers';

/** Parts that tests replace. */
export interface Overrides {
  clock?: Clock;
  log?: Log;
  /** `manual`: no job runs by schedule; see `JobRunner.runDueJobs` and `JobRunner.trigger`. */
  jobs?: 'by-schedule' | 'manual';
  passwordCost?: PasswordCost;
}

/** The service, ready to listen. */
export interface Service {
  app: NestFastifyApplication;
  log: Log;
  /** LOG_LEVEL at the start. */
  configuredLevel: LogLevel;
  /** Waits for requests and writes in progress, then releases all resources. */
  close(): Promise<void>;
}

/** Paths without the prefix API_V1_STR. */
export const OUTSIDE_PREFIX = ['health', 'health/live', 'health/ready', 'metrics'];

/**
 * Opens and migrates the database, checks the keys and builds the application; used by main and by the tests. Throws
 * an error with a message for the operator if the configuration, the keys or the database prevent the start.
 */
export async function createService(config: AppConfig, overrides: Overrides = {}): Promise<Service> {
  const clock = overrides.clock ?? new Clock();
  const log =
    overrides.log ?? Log.create({ level: config.get('LOG_LEVEL'), format: config.get('LOG_FORMAT') });
  for (const sentence of config.unknown) log.warn(sentence);
  const fault = nodeFault(process.versions.node);
  if (fault !== undefined) log.warn(fault);
  await checkBeforeStart(config, new Databases(databaseSchema), log);
  const database = await openDatabase(config.database, databaseSchema, {
    poolSize: config.get('DATABASE_POOL_SIZE'),
    slowQueryMs: config.get('SLOW_QUERY_MS'),
    reserveBytes: config.get('DISK_RESERVE_BYTES'),
    migrateApart: (file) => migrateApart(workerFile(__dirname, 'migrate-in-thread'), file),
    log,
  });
  if (database.migrated.length > 0) log.info('schema migrated', { migrations: database.migrated });
  try {
    const app = await createApp({ config, clock, log, database, passwordCost: overrides.passwordCost });
    if (overrides.jobs !== 'manual') app.get(JobScheduler).start();
    return { app, log, configuredLevel: log.level, close: () => closeService(app, database) };
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface Parts {
  config: AppConfig;
  clock: Clock;
  log: Log;
  database: OpenDatabase;
  passwordCost?: PasswordCost;
}

async function createApp({
  config,
  clock,
  log,
  database,
  passwordCost,
}: Parts): Promise<NestFastifyApplication> {
  const masterKeys = await openMasterKeys(config, log, database.unitOfWork);
  const signingKeys = openSigningKeys(config, log);
  const module = AppModule.with({
    config,
    clock,
    log,
    unitOfWork: database.unitOfWork,
    masterKeys,
    databases: new Databases(databaseSchema),
    signingKeys,
    passwordCost,
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, createAdapter(config, clock, log), {
    logger: log,
    bodyParser: false,
    abortOnError: false,
  });
  await app.get(Keyring).check();
  app.setGlobalPrefix(config.get('API_V1_STR'), { exclude: OUTSIDE_PREFIX });
  const input = new InputPipe(config, app.get(Workers));
  app.useGlobalPipes(input);
  app.useGlobalFilters(new ProblemFilter(log));
  protectBrowsers(app, config);
  const server = app.getHttpAdapter().getInstance();
  countTraffic(server, app.get(Traffic));
  app.get(RequestsInProgress).attach(server);
  describeApi(app, config);
  server.addHook('onClose', () => input.close());
  await app.init();
  await server.ready();
  if (await app.get(AccountsService).ensureAdministrator())
    log.info('administrator created from ADMIN_EMAIL');
  return app;
}

/**
 * Creates a key only for a database without keys. For an existing database, a new key would hide that the right one
 * is lost.
 */
async function openMasterKeys(config: AppConfig, log: Log, unitOfWork: UnitOfWork): Promise<MasterKeySource> {
  const known = await unitOfWork.read((em) => new KeyringStore().masters(em));
  if (known.length > 0 && !MasterKeySource.isAtHand(config))
    throw new LostMasterKeyError(keyPath(config.get('DATA_DIR'), MASTER_KEY_FILE));
  return MasterKeySource.open(config, (file) => sayKeyMade(log, file));
}

function openSigningKeys(config: AppConfig, log: Log): SigningKeys {
  const secret = config.get('SECRET_KEY');
  const previous = config.get('SECRET_KEY_PREVIOUS');
  if (secret) return new SigningKeys(Buffer.from(secret), previous ? Buffer.from(previous) : undefined);
  const { path, bytes, made } = readOrMakeKey(config.get('DATA_DIR'), 'secret');
  if (made) sayKeyMade(log, path);
  return new SigningKeys(bytes);
}

function sayKeyMade(log: Log, file: string): void {
  log.warn('created a key: copy this file to a safe place, apart from the backups', { file });
}

async function closeService(app: NestFastifyApplication, database: OpenDatabase): Promise<void> {
  await app.close();
  await database.close();
}
