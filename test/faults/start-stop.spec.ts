import { existsSync, readdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { startChild } from '../../scripts/child-service';
import { HttpSession } from '../../scripts/http-session';
import { databaseKind, newPlace, type TestPlace } from '../support/database';
import { Load, findLost, type Answered } from '../support/load';

let place: TestPlace;
beforeEach(async () => {
  place = await newPlace();
});
afterEach(() => place.remove());

const environment = (more: Record<string, string> = {}) => ({
  DATA_DIR: place.dataDir,
  DATABASE_URL: place.databaseUrl,
  LOG_FORMAT: 'json',
  ...more,
});

async function signedIn(url: string): Promise<HttpSession> {
  const session = new HttpSession(url);
  await session.signIn('start@test.example', 'a password for starting');
  return session;
}

it('finishes what was begun on SIGTERM under load, and every answered write is there afterwards', async () => {
  const answered: Answered = new Map();
  const service = await startChild(environment());
  const session = await signedIn(service.url);
  const load = new Load(session, answered, 8);
  await load.until(60);
  const code = await service.stop('SIGTERM');
  await load.stop();
  session.close();
  expect(code).toBe(0);
  expect(load.strange).toEqual([]);
  expect(service.lines.at(-1)).toContain('"msg":"stopped"');

  const again = await startChild(environment());
  const reader = await signedIn(again.url);
  expect(await findLost(reader, answered)).toEqual([]);
  reader.close();
  await again.stop();
}, 120_000);

it('says in one line where it listens, and where the documentation is', async () => {
  const service = await startChild(environment());
  const addresses = service.lines.filter((line) => line.includes('"address"'));
  expect(addresses).toHaveLength(1);
  expect(JSON.parse(addresses[0]!)).toMatchObject({
    address: service.url,
    docs: `${service.url}/docs`,
    level: 30,
  });
  expect((await fetch(`${service.url}/docs`)).status).toBe(200);
  expect(await service.stop('SIGINT')).toBe(0);
}, 60_000);

it('logs everything after SIGHUP, until the next one', async () => {
  const service = await startChild(environment());
  const level = async () => {
    const before = service.lines.length;
    service.process.kill('SIGHUP');
    while (!service.lines.slice(before).some((line) => line.includes('SIGHUP')))
      await new Promise((resolve) => setTimeout(resolve, 10));
    const line = service.lines.slice(before).find((text) => text.includes('SIGHUP'))!;
    return (JSON.parse(line) as { log_level: string }).log_level;
  };
  expect([await level(), await level()]).toEqual(['debug', 'info']);
  await service.stop();
}, 60_000);

it('says a port that is in use as a sentence, and ends', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await expect(startChild(environment({ PORT: String(port) }))).rejects.toThrow(
      /ended with 1 .*did not start\. The address is in use already: .*Set PORT to another one\./s,
    );
  } finally {
    server.close();
  }
}, 60_000);

it('ends with every wrong setting named, and makes nothing', async () => {
  const wrong = {
    PORT: 'high',
    MAX_BODY_BYTES: '-1',
    BACKUP_CRON: 'often',
    DATA_DIR: `${place.dataDir}/new`,
  };
  const starting = startChild(environment(wrong));
  for (const name of ['PORT', 'MAX_BODY_BYTES', 'BACKUP_CRON'])
    await expect(starting).rejects.toThrow(new RegExp(`ended with 1 .*${name}`, 's'));
  expect(existsSync(`${place.dataDir}/new`)).toBe(false);
  expect(readdirSync(place.dataDir)).toEqual([]);
}, 60_000);

const onSqlite = databaseKind === 'sqlite' ? it : it.skip;
onSqlite(
  'refuses to be started twice on one folder, and the first goes on (PostgreSQL takes many)',
  async () => {
    const first = await startChild(environment());
    await expect(startChild(environment())).rejects.toThrow(
      /ended with 1 .*Another GraphOMAT Backup already runs on .*Stop it first/s,
    );
    const session = await signedIn(first.url);
    expect((await session.send('GET', '/api/v1/auth/me')).status).toBe(200);
    session.close();
    await first.stop('SIGKILL');
    // The lock goes with the process, also when it had no time to let go.
    const next = await startChild(environment());
    expect(await next.stop()).toBe(0);
  },
  60_000,
);
