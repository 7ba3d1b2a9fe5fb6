import { existsSync, readdirSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { startApp } from '../support/app';
import { startChild, type ChildService } from '../support/child';
import { HttpSession, graphBody } from '../../scripts/http-session';
import { databaseKind, migratedPlace, type TestPlace } from '../support/database';
import { WriteLoad } from '../support/load';
import { itOnSqlite } from '../support/on-sqlite';
import { rawSql } from '../support/raw-database';
import { PATIENCE_MS, until } from '../support/within';

const CLIENTS = 8;

let place: TestPlace;
let children: ChildService[];
beforeEach(async () => {
  place = await migratedPlace();
  children = [];
});
afterEach(async () => {
  for (const child of children) await child.stop('SIGKILL');
  await place.remove();
});

const settings = () => ({
  DATA_DIR: place.dataDir,
  DATABASE_URL: place.databaseUrl,
  THROTTLE_LOGIN_PER_MINUTE: '0',
});

async function start(environment: Record<string, string> = {}): Promise<ChildService> {
  const child = await startChild({ ...settings(), ...environment });
  children.push(child);
  return child;
}

/** The next start on the same data; asks nothing of its process. */
async function onNextStart<T>(ask: (url: string) => Promise<T>): Promise<T> {
  const next = await startApp({}, place);
  try {
    return await ask(next.url);
  } finally {
    await next.stop();
  }
}
const verified = (load: WriteLoad) => onNextStart((url) => load.verify(url));
const readiness = async (url: string) => (await fetch(`${url}/health/ready`)).status;

/** What a start that fails says on the terminal, with its exit code. */
async function refusedStart(environment: Record<string, string>): Promise<string> {
  const error: unknown = await start(environment).then(
    () => new Error('it started'),
    (reason: unknown) => reason,
  );
  return (error as Error).message;
}

describe('SIGTERM under load', () => {
  it('lets what was begun be answered, refuses the rest cleanly, loses no answered write and ends with 0', async () => {
    const load = new WriteLoad();
    const running = await start();
    let stopped: Promise<number | null> | undefined;
    await load.run(running.url, CLIENTS, (answers) => {
      if (answers >= 60) stopped ??= running.stop('SIGTERM');
    });
    expect(await stopped).toBe(0);
    expect(running.lines.filter((line) => line.includes('"stopped"'))).toHaveLength(1);
    // Every client was ended by a connection that was closed or not taken any more; what was read was answered.
    expect(load.refusals).toHaveLength(CLIENTS);
    for (const refusal of load.refusals) {
      // EPIPE: it was closed while the request was being sent.
      const closed = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].map((connection) => ({ connection }));
      expect(closed).toContainEqual(refusal);
    }
    const { versions } = await verified(load);
    // Nothing was written without an answer either: a client that was refused may try again.
    expect(versions).toBe(load.answeredVersions);
  });

  it('answers the large graphs that it has accepted, although worker threads read them', async () => {
    const running = await start();
    const session = new HttpSession(running.url);
    await session.signIn('large@test.example', 'a password of tests');
    const { accessToken } = session;
    const config = JSON.stringify({
      nodes: Array.from({ length: 100_000 }, (_, id) => ({ id, at: id * 7 })),
    });
    const create = () =>
      fetch(`${running.url}/api/v1/graphs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
        body: new Uint8Array(graphBody('large', config)),
      }).then(
        // Read to its end: a client that does not read keeps the service from stopping.
        async (answer) => (await answer.arrayBuffer(), answer.status),
        () => 'refused',
      );
    expect(await create()).toBe(201);
    const writing = Array.from({ length: 6 }, create);
    // One is answered, so the others are being read or wait for their turn.
    expect(await Promise.race(writing)).toBe(201);
    expect(await running.stop('SIGTERM')).toBe(0);
    session.close();
    // A connection may be refused, an answer is never an error.
    const statuses = new Set(await Promise.all(writing));
    statuses.delete('refused');
    expect([...statuses]).toEqual([201]);
  });
});

itOnSqlite(
  'says in one line at which address it listens, and that it is not ready before it stops',
  async () => {
    const service = await start({ SHUTDOWN_DELAY_SECONDS: '60' });
    expect(service.lines.filter((line) => line.includes(' listens on '))).toHaveLength(1);
    expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const statusOf = async (path: string) => (await fetch(service.url + path)).status;
    expect(await statusOf('/health/ready')).toBe(200);
    const stopped = service.stop('SIGTERM');
    await until(PATIENCE_MS, 'a process that is not ready', async () =>
      (await statusOf('/health/ready')) === 503 ? true : undefined,
    );
    // For some seconds it still answers.
    expect(await statusOf('/health/live')).toBe(200);
    expect(await statusOf('/api/v1/graphs')).toBe(401);
    // A second signal skips the wait.
    service.process.kill('SIGTERM');
    expect(await stopped).toBe(0);
  },
);

itOnSqlite('logs a rejection that nothing handles, and ends in order with 1', async () => {
  const planted = join(__dirname, '..', 'support', 'planted-faults.cjs');
  const service = await startChild(settings(), ['--require', planted]);
  children.push(service);
  const load = new WriteLoad();
  let stopped: Promise<number | null> | undefined;
  await load.run(service.url, 2, (answers) => {
    if (answers >= 20) stopped ??= service.stop('SIGUSR2');
  });
  expect(await stopped).toBe(1);
  const line = service.lines.find((text) => text.includes('unhandled error'));
  expect(line).toContain('planted by a test');
  expect(service.lines.some((text) => text.includes('"stopped"'))).toBe(true);
  const { versions } = await verified(load);
  expect(versions).toBe(load.answeredVersions);
});

/** Connects, and sends nothing. */
async function silentClient(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket.on('error', () => undefined);
}

itOnSqlite('logs all from one SIGHUP to the next, and ends well while a client is connected', async () => {
  const service = await start();
  const client = await silentClient(service.url);
  const levelAfterHangup = async () => {
    const before = service.lines.length;
    service.process.kill('SIGHUP');
    const line = await until(PATIENCE_MS, 'the line about the level', () =>
      service.lines.slice(before).find((text) => text.includes('changed by SIGHUP')),
    );
    return (JSON.parse(line) as { log_level: string }).log_level;
  };
  expect([await levelAfterHangup(), await levelAfterHangup()]).toEqual(['debug', 'info']);
  expect(await service.stop()).toBe(0);
  client.destroy();
});

describe('a start', () => {
  itOnSqlite('lists every fault of the configuration at once, exits with 1 and makes nothing', async () => {
    const folder = join(place.dataDir, 'state');
    const faulty = { DATA_DIR: folder, PORT: 'marker', SECRET_KEY: 'marker', MAX_BODY_BYTES: '-1' };
    const said = await refusedStart(faulty);
    expect(said).toContain('ended with code 1');
    for (const name of ['PORT', 'SECRET_KEY', 'MAX_BODY_BYTES']) expect(said).toContain(`- ${name} `);
    expect(said).not.toMatch(/\n\s+at |marker/);
    expect([existsSync(folder), readdirSync(place.dataDir)]).toEqual([false, []]);
  });

  itOnSqlite(
    'on a port in use says so in a sentence, exits with 1, and leaves the data free for the next',
    async () => {
      const taken = createServer();
      await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
      const { port } = taken.address() as { port: number };
      const said = await refusedStart({ PORT: `${port}` });
      await new Promise((resolve) => taken.close(resolve));
      expect(said).toContain('ended with code 1');
      expect(said).toMatch(/address is already in use.*Set PORT to another one/);
      expect(said).not.toMatch(/\n\s+at /);
      expect(await onNextStart(readiness)).toBe(200);
    },
  );

  itOnSqlite('on a folder that cannot be made says so without a stack, and exits with 1', async () => {
    const said = await refusedStart({ DATA_DIR: '/dev/null/data' });
    expect(said).toContain('ended with code 1');
    expect(said).toContain('/dev/null/data');
    expect(said).not.toMatch(/\n\s+at /);
  });

  it('on a database that a newer program has written says so without a stack, and exits with 1', async () => {
    await onNextStart(readiness);
    await rawSql(
      place,
      "INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Newer9999999999999')",
    );
    const said = await refusedStart({});
    expect(said).toContain('ended with code 1');
    expect(said).toContain('newer version of this program');
    expect(said).not.toMatch(/\n\s+at /);
  });
});

(databaseKind === 'sqlite' ? describe : describe.skip)('a second start on the same folder', () => {
  it('says that another one runs there and exits with 1, and the first goes on working', async () => {
    const load = new WriteLoad();
    const first = await start();
    let second: Promise<string> | undefined;
    let said: string | undefined;
    let stopped: Promise<number | null> | undefined;
    await load.run(first.url, CLIENTS, (answers) => {
      if (answers >= 20) second ??= refusedStart({}).then((words) => (said = words));
      if (said !== undefined) stopped ??= first.stop();
    });
    expect(await second).toMatch(/ended with code 1.*Another GraphOMAT Backup already runs on /s);
    expect(said).not.toMatch(/\n\s+at /);
    expect(await stopped).toBe(0);
    expect(load.refusals.every((refusal) => !('status' in refusal) || refusal.status === 503)).toBe(true);
    await verified(load);
  });

  it('works when the first was killed: its lock goes with it', async () => {
    const first = await start();
    expect(readdirSync(place.dataDir).some((name) => name.endsWith('.lock'))).toBe(true);
    await first.stop('SIGKILL');
    expect(await onNextStart(readiness)).toBe(200);
  });
});
