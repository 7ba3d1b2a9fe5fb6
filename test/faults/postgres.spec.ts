import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { startChild, type ChildService } from '../support/child';
import { databaseSchema } from '../../src/database-schema';
import { openDataSource } from '../../src/platform/database/data-source';
import { parseDatabaseUrl } from '../../src/platform/database/database-url';
import {
  PostgresUnitOfWork,
  UNIT_LIMITS,
  type UnitLimits,
} from '../../src/platform/database/postgres-unit-of-work';
import { Statement } from '../../src/platform/database/statement';
import { ApiClient, graphBody, type ApiAnswer } from '../support/client';
import { databaseKind, newPlace, type TestPlace } from '../support/database';
import { GRAPHS, type GraphJson } from '../support/graphs';
import { WriteLoad } from '../support/load';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres';
import { rawSql } from '../support/raw-database';
import { sharedSecrets } from '../support/replicas';
import { PATIENCE_MS, until, within } from '../support/within';

const onPostgres = databaseKind === 'postgres' ? describe : describe.skip;

/** Undefined for a unit of work that was refused because it took too long. */
function unlessRefused(error: unknown): undefined {
  expect(error).toMatchObject({ kind: 'unavailable' });
}

function expectUnavailable(answer: ApiAnswer): void {
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(answer.json()).toMatchObject({ status: 503 });
}

/** Asks until the service answers with 200. */
const untilWell = (ask: () => Promise<ApiAnswer>) =>
  until(PATIENCE_MS, 'an answer with 200', async () => ((await ask()).status === 200 ? true : undefined));

onPostgres('a PostgreSQL that fails under the running service', () => {
  let server: OwnPostgres;
  let place: TestPlace;
  let service: ChildService;
  let databaseUrl: string;
  const secrets = sharedSecrets();

  beforeAll(async () => void (server = await startOwnPostgres()));
  afterAll(() => server?.remove());
  beforeEach(async () => {
    const name = `test_${randomBytes(6).toString('hex')}`;
    await onServer(`CREATE DATABASE ${name}`);
    databaseUrl = server.url.replace(/\/postgres$/, `/${name}`);
    place = await newPlace();
  });
  afterEach(async () => {
    await service?.stop('SIGKILL');
    await place.remove();
  });

  async function startService(environment: Record<string, string> = {}): Promise<void> {
    const settings = { DATABASE_URL: databaseUrl, DATA_DIR: place.dataDir };
    service = await startChild({ ...secrets, ...settings, ...environment });
  }

  async function onServer(sql: string): Promise<void> {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  }

  it('is killed and started again: users see 503 with Retry-After, nothing answered is lost, and it goes on by itself', async () => {
    await startService({ DATABASE_POOL_SIZE: '6' });
    const load = new WriteLoad();
    const ready = () => new ApiClient(service.url).get('/health/ready');
    for (let round = 0; round < 3; round += 1) {
      const killed = load.run(service.url, 12, (answers) => {
        if (answers === 60) server.kill();
      });
      await within(PATIENCE_MS, 'every client to meet the end of the server', killed);
      const anonymous = new ApiClient(service.url);
      expect((await ready()).status).toBe(503);
      expectUnavailable(await anonymous.post('/api/v1/auth/login', { email: 'a@b.example', password: 'x' }));
      await server.start();
      await untilWell(ready);
    }
    await load.verify(service.url);
    // One process all along, and no client saw anything but a clean refusal.
    expect(service.process.exitCode).toBeNull();
    expect(new Set(load.refusals.map((refusal) => JSON.stringify(refusal)))).toEqual(
      new Set(['{"status":503}']),
    );
    expect(load.answeredVersions).toBeGreaterThanOrEqual(180);
  });

  it('cuts all connections again and again: only clean refusals, and nothing answered is lost', async () => {
    await startService({ DATABASE_POOL_SIZE: '6' });
    const admin = new Client({ connectionString: server.url });
    await admin.connect();
    const load = new WriteLoad();
    for (let round = 0; round < 5; round += 1) {
      await load.run(service.url, 8, (answers) => {
        // The last writer is alone, and most cuts come between its transactions.
        if (answers % (answers < 200 ? 40 : 5) === 0)
          void admin.query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'graphomat-backup'`,
          );
        if (answers > 5_000) throw new Error('No connection of a writer was cut.');
      });
      await untilWell(() => new ApiClient(service.url).get('/health/ready'));
    }
    await admin.end();
    await load.verify(service.url);
    expect(new Set(load.refusals.map((refusal) => JSON.stringify(refusal)))).toEqual(
      new Set(['{"status":503}']),
    );
  });

  it('has every connection of the pool waiting for a lock: 503 for who comes then, and all is well afterwards', async () => {
    await startService({ DATABASE_POOL_SIZE: '6' });
    const user = await new ApiClient(service.url)
      .post('/api/v1/auth/register', { email: 'pool@test.example', password: 'a password of tests' })
      .then(() => new ApiClient(service.url).signIn('pool@test.example', 'a password of tests'));
    const { id } = (await user.post(GRAPHS, graphBody('locked', '[1]'))).json<GraphJson>();
    const blocker = new Client({ connectionString: databaseUrl });
    await blocker.connect();
    await blocker.query('BEGIN; LOCK TABLE graphs IN ACCESS EXCLUSIVE MODE');

    const writes = Array.from({ length: 12 }, (_, n) => user.post(GRAPHS, graphBody(`new ${n}`, `[${n}]`)));
    const answers = await within(PATIENCE_MS, 'the refusals of all writes', Promise.all(writes));
    for (const answer of answers) expectUnavailable(answer);
    await blocker.query('ROLLBACK');
    await blocker.end();

    await untilWell(() => user.get(`${GRAPHS}/${id}`));
    expect((await user.put(`${GRAPHS}/${id}`, graphBody('locked', '[2]'))).json()).toMatchObject({
      version: 2,
    });
    // What was answered with 503 before it reached COMMIT was not written.
    expect((await user.get(GRAPHS)).json<GraphJson[]>()).toHaveLength(1);
  });

  it('ends a statement that takes longer than the operator allows: 503 with Retry-After, and all is well afterwards', async () => {
    const { pathname } = new URL(databaseUrl);
    await onServer(`ALTER DATABASE ${pathname.slice(1)} SET statement_timeout = '3s'`);
    await startService();
    const blocker = new Client({ connectionString: databaseUrl });
    await blocker.connect();
    try {
      const account = { email: 'slow@test.example', password: 'a password of tests' };
      await new ApiClient(service.url).post('/api/v1/auth/register', account);
      const user = await new ApiClient(service.url).signIn(account.email, account.password);
      const { id } = (await user.post(GRAPHS, graphBody('slow', '[1]'))).json<GraphJson>();
      await blocker.query('BEGIN; LOCK TABLE graphs IN ACCESS EXCLUSIVE MODE');
      expectUnavailable(await within(PATIENCE_MS, 'the refusal', user.get(`${GRAPHS}/${id}`)));
      await blocker.query('ROLLBACK');
      expect((await user.get(`${GRAPHS}/${id}`)).status).toBe(200);
    } finally {
      await blocker.end();
    }
  });
});

onPostgres('a unit of work that takes too long', () => {
  let place: TestPlace;
  let units: PostgresUnitOfWork;
  /** Long enough for a connection and a statement on a busy machine. */
  const SHORT_MS = 1_000;
  const sleep = new Statement('SELECT pg_sleep(30)');
  const one = new Statement<{ one: number }>('SELECT 1 AS one');

  async function open(limits: Partial<UnitLimits>): Promise<void> {
    place = await newPlace();
    units = new PostgresUnitOfWork(await opened(), { ...UNIT_LIMITS, ...limits });
  }
  const opened = () => openDataSource(parseDatabaseUrl(place.databaseUrl), databaseSchema, { poolSize: 2 });
  afterEach(async () => {
    await units.close();
    await place.remove();
  });

  /** Also where a busy machine makes one of them exceed the short limits of these tests. */
  const works = () =>
    until(PATIENCE_MS, 'a unit of work that works', () =>
      units.write((em) => one.one(em)).catch(unlessRefused),
    );

  it('is refused as unavailable when one statement does, and its connection is used again', async () => {
    await open({ statementMs: SHORT_MS });
    await expect(units.write((em) => sleep.run(em))).rejects.toMatchObject({ kind: 'unavailable' });
    // As the last one it is answered together with the commit: the server has refused it, so nothing is unknown.
    const last = units.write((em) => sleep.send(em));
    await expect(last).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('Nothing was written') as string,
    });
    expect(await works()).toEqual({ one: 1 });
  });

  it('is not run at all where its transaction cannot be begun', async () => {
    await open({});
    await units.write((em) => em.query('CREATE TABLE begun (n int)'));
    const broken = new PostgresUnitOfWork(await opened(), { ...UNIT_LIMITS, lockMs: -1 });
    const insert = new Statement('INSERT INTO begun VALUES (1)');
    await expect(broken.write((em) => insert.run(em))).rejects.toThrow('lock_timeout');
    await expect(broken.write((em) => insert.send(em))).rejects.toThrow('lock_timeout');
    await broken.close();
    expect(await units.read((em) => em.query('SELECT n FROM begun'))).toEqual([]);
  });

  it('is refused as unavailable when the whole does, reading or writing, and no connection is lost to the pool', async () => {
    await open({ unitMs: SHORT_MS });
    // More often than the pool has connections.
    for (let n = 0; n < 2; n += 1) {
      await expect(units.read((em) => sleep.run(em))).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(units.write((em) => sleep.run(em))).rejects.toMatchObject({ kind: 'unavailable' });
    }
    expect(units.pool()).toMatchObject({ busy: 0, waiting: 0 });
  });

  it('leaves a snapshot alone however long it takes, and ends it with the signal of its caller', async () => {
    await open({});
    await units.write((em) => em.query('CREATE TABLE journal (seq bigserial PRIMARY KEY)'));
    await units.close();
    units = new PostgresUnitOfWork(await opened(), {
      ...UNIT_LIMITS,
      unitMs: SHORT_MS,
      statementMs: SHORT_MS,
      idleMs: SHORT_MS,
    });
    const stop = new AbortController();
    const wait = new Statement(`SELECT pg_sleep(${(1.3 * SHORT_MS) / 1_000})`);
    const long = units.snapshot('journal', stop.signal, async (em) => {
      await wait.run(em);
      await new Promise((resolve) => setTimeout(resolve, 1.3 * SHORT_MS));
      return one.one(em);
    });
    expect(await long).toEqual({ one: 1 });
    const stopped = units.snapshot('journal', stop.signal, (em) => sleep.run(em));
    await until(PATIENCE_MS, 'the statement to stop', async () => {
      const running = `SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)' AND state = 'active'`;
      return (await rawSql(place, running)).length > 0 || undefined;
    });
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(units.snapshot('journal', stop.signal, (em) => one.one(em))).rejects.toThrow('aborted');
    expect(units.pool()).toMatchObject({ busy: 0, waiting: 0 });
    expect(await works()).toEqual({ one: 1 });
  });

  it('releases its locks when its holder falls silent, and is refused when the holder comes back', async () => {
    await open({ idleMs: SHORT_MS });
    const pid = new Statement<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const silent = units.write(async (em) => {
      const mine = (await pid.one(em))?.pid;
      await until(PATIENCE_MS, 'the end of the session', async () => {
        const left = await rawSql(place, 'SELECT 1 FROM pg_stat_activity WHERE pid = ?', [mine]);
        return left.length === 0 || undefined;
      });
      return one.one(em);
    });
    await expect(silent).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await works()).toEqual({ one: 1 });
  });

  it('leaves no limit behind in the session that others will get', async () => {
    await open({ statementMs: 50_000, lockMs: 60_000, idleMs: 70_000 });
    await works();
    const show = new Statement<{ s: string }>(
      `SELECT current_setting('statement_timeout') || current_setting('lock_timeout') AS s`,
    );
    expect(await units.read((em) => show.one(em))).toEqual({ s: '00' });
  });

  it('says that it does not know when the connection is lost under the commit itself', async () => {
    await open({});
    const pid = new Statement<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const defer = new Statement(
      'CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()',
    );
    await units.write(async (em) => {
      await em.query('CREATE TABLE slow (n int)');
      await em.query(
        'CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(30); RETURN NULL; END $$',
      );
      await defer.run(em);
    });
    const other = new Client({ connectionString: place.databaseUrl });
    await other.connect();
    const write = units.write(async (em) => {
      await em.query('INSERT INTO slow VALUES (1)');
      return pid.one(em);
    });
    const committing = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'`;
    const refused = expect(write).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('unknown whether') as string,
    });
    await until(
      PATIENCE_MS,
      'a commit to cut',
      async () => (await other.query(committing)).rowCount || undefined,
    );
    await within(PATIENCE_MS, 'the refusal of the write', refused);
    await other.end();
  });
});
