import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { databaseSchema } from '../../src/database-schema';
import { openDatabase } from '../../src/platform/database/database';
import { parseDatabaseUrl } from '../../src/platform/database/database-url';

declare const DATABASE_KIND: 'sqlite' | 'postgres' | undefined;

/** The database this run of the specs is for. */
export const databaseKind: 'sqlite' | 'postgres' =
  typeof DATABASE_KIND === 'string' ? DATABASE_KIND : 'sqlite';

/** A fresh folder for one test, and the empty database that goes with it. */
export interface TestPlace {
  dataDir: string;
  databaseUrl: string;
  remove(): Promise<void>;
}

/** What PostgreSQL answers when a template does not exist, and when a name is taken. */
const UNKNOWN_DATABASE = '3D000';
const TAKEN_DATABASE = '42P04';
/** A migrated database of the run's own server, which others are copied from. */
const TEMPLATE = 'test_template';

/** Makes a folder under the system's temporary one, and an empty database of the run's kind. */
export function newPlace(): Promise<TestPlace> {
  return makePlace('');
}

/**
 * As `newPlace`; on the run's own PostgreSQL the schema is already in the database. On SQLite a copy of a file takes as
 * long as the migrations.
 */
export async function migratedPlace(): Promise<TestPlace> {
  if (databaseKind === 'sqlite' || process.env['TEST_POSTGRES_EMBEDDED'] !== '1') return newPlace();
  const copy = () => makePlace(` TEMPLATE ${TEMPLATE} STRATEGY file_copy`);
  try {
    return await copy();
  } catch (error) {
    if (codeOf(error) !== UNKNOWN_DATABASE) throw error;
  }
  await makeTemplate();
  return copy();
}

/** Several workers may do this at the same time. */
async function makeTemplate(): Promise<void> {
  const place = await newPlace();
  try {
    const database = await openDatabase(parseDatabaseUrl(place.databaseUrl), databaseSchema, { poolSize: 2 });
    await database.close();
    await onServer(`ALTER DATABASE ${new URL(place.databaseUrl).pathname.slice(1)} RENAME TO ${TEMPLATE}`);
  } catch (error) {
    if (codeOf(error) !== TAKEN_DATABASE) throw error;
  } finally {
    await place.remove();
  }
}

const codeOf = (error: unknown) => (error as { code?: unknown }).code;

async function makePlace(options: string): Promise<TestPlace> {
  const dataDir = mkdtempSync(join(tmpdir(), 'graphomat-test-'));
  const removeFolder = () => rmSync(dataDir, { recursive: true, force: true });
  if (databaseKind === 'sqlite') {
    return {
      dataDir,
      databaseUrl: `sqlite:///${join(dataDir, 'workflow.db')}`,
      remove: () => Promise.resolve(removeFolder()),
    };
  }
  const name = `test_${randomBytes(6).toString('hex')}`;
  try {
    await onServer(`CREATE DATABASE ${name}${options}`);
  } catch (error) {
    removeFolder();
    throw error;
  }
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return {
    dataDir,
    databaseUrl: url.toString(),
    remove: async () => {
      await onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      removeFolder();
    },
  };
}

function serverUrl(): string {
  const url = process.env['TEST_POSTGRES_URL'];
  if (!url)
    throw new Error(
      'TEST_POSTGRES_URL is not set: the postgres project starts a server by itself, see jest.config.js.',
    );
  // On a server of one's own nothing but databases made for tests may ever be touched.
  const name = new URL(url).pathname.slice(1);
  if (process.env['TEST_POSTGRES_EMBEDDED'] !== '1' && !name.includes('test')) {
    throw new Error(`TEST_POSTGRES_URL names the database "${name}"; its name must contain "test".`);
  }
  return url;
}

async function onServer(sql: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
