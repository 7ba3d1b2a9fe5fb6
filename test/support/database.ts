import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

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

/** Makes a folder under the system's temporary one, and an empty database of the run's kind. */
export async function newPlace(): Promise<TestPlace> {
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
  await onServer(`CREATE DATABASE ${name}`);
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
