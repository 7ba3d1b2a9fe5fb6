import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AppConfig } from '../platform/config/app-config';
import { keyPath } from '../platform/config/key-files';
import { MASTER_KEY_FILE } from '../platform/crypto/master-key-source';
import type { Databases } from '../platform/database/databases';
import { OperatorError } from '../platform/errors/operator-error';
import { withinMs } from '../platform/health/time-limit';
import type { Log } from '../platform/logging/log';
import { openObjectStore } from '../platform/objects/open-object-store';
import { RebuildStore } from './rebuild.store';
import { lineagesIn } from './vault-reader';

/** Time limit for the backup store, ms. */
const STORE_WITHIN_MS = 10_000;

/** A rebuild into this database has not completed. */
export class UnfinishedRebuildError extends OperatorError {
  constructor() {
    super(
      'The rebuild of this database from copies has not completed. Run the same "npm run vault -- rebuild" again until it reports success.',
    );
  }
}

/** The database is empty or missing, but keys or copies of its installation exist. */
export class LostDatabaseError extends OperatorError {
  constructor(traces: readonly string[], databaseUrl: string) {
    super(
      `The database is empty, but there was an installation here: ${traces.join(', and ')}. Nothing was changed.\n` +
        `  - If the database is lost, bring it back from the copies: npm run vault -- rebuild --to ${databaseUrl}\n` +
        '  - If it is somewhere else, set DATABASE_URL or DATA_DIR to where it is.\n' +
        '  - If you change from SQLite to PostgreSQL: npm run migrate-to-postgres -- --from … --to …\n' +
        '  - If you want a new, empty installation here, set ALLOW_EMPTY_DATABASE=true for its first start.',
    );
  }
}

/** Throws UnfinishedRebuildError if a rebuild has not completed. Changes nothing. */
export async function refuseUnfinishedRebuild(config: AppConfig, databases: Databases): Promise<void> {
  const unfinished = await databases.inspect(config.database, (em) => new RebuildStore().progress(em));
  if (unfinished && unfinished.finished !== 1) throw new UnfinishedRebuildError();
}

/**
 * Checks the database before anything is created or migrated. Throws UnfinishedRebuildError, LostDatabaseError (unless
 * ALLOW_EMPTY_DATABASE allows an empty one), ForeignDatabaseError and UnfinishedMigrationError.
 */
export async function checkBeforeStart(config: AppConfig, databases: Databases, log: Log): Promise<void> {
  const allowed = config.get('ALLOW_EMPTY_DATABASE');
  if (allowed)
    log.warn(
      'ALLOW_EMPTY_DATABASE is set: remove it, or a lost database will go unnoticed at the next start',
    );
  if ((await databases.migrationsOf(config.database)).length > 0)
    return refuseUnfinishedRebuild(config, databases);
  if (allowed) return;
  const traces = [...keyTraces(config), ...(await copyTraces(config, log))];
  if (traces.length > 0) throw new LostDatabaseError(traces, urlOf(config));
}

function keyTraces(config: AppConfig): string[] {
  const path = keyPath(config.get('DATA_DIR'), MASTER_KEY_FILE);
  const folder = dirname(path);
  const found = existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(MASTER_KEY_FILE));
  return found ? [`its master key is in ${path}`] : [];
}

/** A store that does not answer must not prevent the start of a new installation. */
async function copyTraces(config: AppConfig, log: Log): Promise<string[]> {
  const store = await openObjectStore(config.storeUrl);
  try {
    const lines = await withinMs(STORE_WITHIN_MS, countLines(store));
    return lines > 0 ? [`${store.place} holds ${lines} line${lines > 1 ? 's' : ''} of copies`] : [];
  } catch (error) {
    log.warn('the backup store could not be checked for copies of an installation', { error });
    return [];
  } finally {
    store.close();
  }
}

async function countLines(store: Parameters<typeof lineagesIn>[0]): Promise<number> {
  let lines = 0;
  for await (const _line of lineagesIn(store)) lines += 1;
  return lines;
}

function urlOf({ database }: AppConfig): string {
  return database.kind === 'sqlite' ? `sqlite:///${database.file}` : '"$DATABASE_URL"';
}
