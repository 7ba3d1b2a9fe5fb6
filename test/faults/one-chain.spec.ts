import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild, type ChildService } from '../support/child';
import { runCli } from '../support/cli';
import { databaseKind, migratedPlace, newPlace, type TestPlace } from '../support/database';
import { WriteLoad } from '../support/load';
import { rawSql } from '../support/raw-database';
import { present } from '../support/recovered';
import { sharedSecrets } from '../support/replicas';
import { PATIENCE_MS, until, within } from '../support/within';

// On SQLite one process owns the file, and no other process can take over.
const onPostgres = databaseKind === 'postgres' ? describe : describe.skip;

const REPLICAS = 3;
/** Answered writes by the end of the load. */
const SOME = 60;
/** How many seals of the load a chain needs at least, so that there is one. */
const SEALS = 2;
const MINUTE_MS = 60_000;
const JOBS = ['seal', 'vault-copy'];
/** Statements of a replica after a run's first write may begin: before it, in it, and after it. */
const KILLED_BEFORE = [1, 1, 2, 3, 5, 9];
/** How often minutes pass while a job is waited for, ms: a job may find nothing to write. */
const MINUTE_EVERY_MS = 2_000;
/** Answered writes of a burst, and the pause after it, ms: load enough that there is always something to seal. */
const BURST = 8;
const PAUSE_MS = 1_000;
jest.setTimeout(900_000);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What ends a burst of writes. */
class EnoughError extends Error {}

/** What a replica does; see led-replica.cjs. */
interface Orders {
  ahead: number;
  gated: string;
  above: number;
  killAfter: number;
}

/** Which replica a run is on. */
interface Writer {
  replica: number;
  fence: number;
}

onPostgres('three replicas under load, whose holders of a lease are killed and paused', () => {
  let place: TestPlace;
  let environment: Record<string, string>;
  let orders: Orders[];
  let services: ChildService[];
  let load: WriteLoad;
  let writing: Promise<unknown>;
  let over: boolean;

  beforeAll(async () => {
    place = await migratedPlace();
    environment = {
      ...sharedSecrets(),
      DATABASE_URL: place.databaseUrl,
      BACKUP_STORE_URL: `file://${join(place.dataDir, 'vault')}`,
      ACCESS_TOKEN_EXPIRE_MINUTES: '600',
    };
    orders = Array.from({ length: REPLICAS }, () => ({ ahead: 0, gated: '', above: 0, killAfter: 0 }));
    services = await Promise.all(Array.from({ length: REPLICAS }, (_, replica) => start(replica)));
    load = new WriteLoad(true);
    over = false;
    writing = Promise.all(services.map((_, replica) => write(replica)));
  });
  afterAll(async () => {
    over = true;
    for (const service of services ?? []) service.process.kill('SIGCONT');
    await Promise.all((services ?? []).map((service) => service.stop('SIGKILL')));
    await writing;
    await place?.remove();
  });

  const folderOf = (replica: number) => join(place.dataDir, `replica-${replica}`);
  const led = ['--require', join(__dirname, '..', 'support', 'led-replica.cjs')];
  const environmentOf = (replica: number) => ({
    ...environment,
    DATA_DIR: folderOf(replica),
    LED_BY: join(folderOf(replica), 'orders.json'),
  });

  /** Changes the orders of a replica, all at once. */
  function order(replica: number, change: Partial<Orders>): void {
    Object.assign(orders[replica]!, change);
    const { LED_BY } = environmentOf(replica);
    mkdirSync(folderOf(replica), { recursive: true });
    writeFileSync(`${LED_BY}.new`, JSON.stringify(orders[replica]));
    renameSync(`${LED_BY}.new`, LED_BY);
  }

  const orderAll = (change: Partial<Orders>) => orders.forEach((_, replica) => order(replica, change));
  const passMinute = () => orderAll({ ahead: orders[0]!.ahead + MINUTE_MS });

  /** Minutes pass until the answer is not undefined: jobs become due, and leases of the dead end. */
  async function whileMinutesPass<T>(what: string, ask: () => Promise<T | undefined> | T | undefined) {
    const passing = setInterval(passMinute, MINUTE_EVERY_MS);
    passMinute();
    return until(PATIENCE_MS, what, ask).finally(() => clearInterval(passing));
  }

  function start(replica: number): Promise<ChildService> {
    order(replica, { killAfter: 0 });
    return startChild(environmentOf(replica), led);
  }
  /** When no replica runs any more; what these tools do depends on no clock. */
  const tool = (name: string, args: string[], replica = 0) =>
    runCli(name, args, place, { ...environment, DATA_DIR: folderOf(replica) });

  /** Writes in bursts through one replica, also through what is started in its place. */
  async function write(replica: number): Promise<void> {
    while (!over) {
      const enough = (answers: number) => {
        if (over || answers >= BURST) throw new EnoughError();
      };
      // A replica that is killed cuts its connections; one that is not up yet refuses them.
      await load.run(services[replica]!.url, 2, enough).catch(() => undefined);
      await pause(PAUSE_MS);
    }
  }

  /** The next run of a job that is about to write, with a fence above the given one; it waits before it does. */
  async function atGate(job: string, above: number): Promise<Writer> {
    const known = services.map(({ lines }) => lines.length);
    orderAll({ gated: job, above });
    return whileMinutesPass(`a write of ${job} above ${above}`, () => {
      for (const [replica, { lines }] of services.entries()) {
        const waiting = lines.slice(known[replica]).filter((line) => line.startsWith(`waits ${job} `));
        const fence = waiting.map((line) => Number(line.split(' ')[2])).find((each) => each > above);
        if (fence !== undefined) return { replica, fence };
      }
      return undefined;
    });
  }

  const count = async (sql: string) => Number((await rawSql(place, sql))[0]!['n']);

  /** The number of the newest run of a job; it may be running. */
  const newestFence = (job: string) =>
    count(`SELECT COALESCE(MAX(fence), 0) AS n FROM job_runs WHERE job_id = '${job}'`);

  it('keep one chain of seals and one line of copies, without a gap or a double', async () => {
    for (const [kill, killAfter] of KILLED_BEFORE.entries()) {
      const job = JOBS[kill % JOBS.length]!;
      const { replica } = await atGate(job, (await newestFence(job)) - 1);
      order(replica, { killAfter, gated: '' });
      expect(await within(PATIENCE_MS, 'the kill', services[replica]!.ended)).toBeNull();
      orderAll({ gated: '' });
      services[replica] = await start(replica);
    }
    for (const job of JOBS) {
      const { replica, fence } = await atGate(job, (await newestFence(job)) - 1);
      const paused = services[replica]!;
      paused.process.kill('SIGSTOP');
      const next = await atGate(job, fence);
      expect(next.replica).not.toBe(replica);
      orderAll({ gated: '' });
      paused.process.kill('SIGCONT');
      await until(PATIENCE_MS, 'the refusal of the late write', () =>
        paused.lines.includes(`refused ${job} ${fence}`) ? true : undefined,
      );
      expect(paused.process.exitCode).toBeNull();
    }
    await until(PATIENCE_MS, 'some load', () => load.answeredVersions > SOME || undefined);
    await whileMinutesPass('some seals', async () =>
      (await count('SELECT COUNT(*) AS n FROM seals')) > SEALS ? true : undefined,
    );
    over = true;
    await within(PATIENCE_MS, 'the end of the load', writing);
    await load.verify(services[0]!.url);
    expect(await count(`SELECT COUNT(*) AS n FROM job_runs WHERE status = 'interrupted'`)).toBeGreaterThan(1);

    // The signing-in of this very test is to be sealed and copied, too.
    const newest = await count('SELECT MAX(seq) AS n FROM journal');
    await whileMinutesPass('the seal of the last event', async () =>
      (await count('SELECT MAX(to_seq) AS n FROM seals')) >= newest ? true : undefined,
    );
    await whileMinutesPass('the copy of the last event', async () =>
      (await count('SELECT stored_seq AS n FROM vault_state')) >= newest ? true : undefined,
    );
    await Promise.all(services.map((service) => service.stop()));
    await expectOneChain();
    await expectOneVault();
  });

  async function expectOneChain(): Promise<void> {
    const seals = await rawSql(place, 'SELECT * FROM seals ORDER BY number');
    expect(seals.length).toBeGreaterThan(SEALS);
    expect(seals.map(({ number }) => Number(number))).toEqual(seals.map((_, at) => at + 1));
    for (const [at, seal] of seals.entries()) {
      const before = seals[at - 1];
      if (before) {
        expect(Number(seal['from_seq'])).toBeGreaterThan(Number(before['to_seq']));
        expect(seal['previous']).toEqual(before['digest']);
      }
      const within = `seq >= ${String(seal['from_seq'])} AND seq <= ${String(seal['to_seq'])}`;
      expect(await count(`SELECT COUNT(*) AS n FROM journal WHERE ${within}`)).toBe(seal['events']);
    }
    const sealed = seals.reduce((sum, { events }) => sum + Number(events), 0);
    const last = Number(seals.at(-1)!['to_seq']);
    expect(await count(`SELECT COUNT(*) AS n FROM journal WHERE seq <= ${last}`)).toBe(sealed);
    // Each machine remembers the newest seal it has made itself.
    for (let replica = 0; replica < REPLICAS; replica += 1)
      expect(await tool('audit-verify', [], replica)).toMatchObject({
        code: 0,
        output: expect.stringContaining('INTACT: ') as string,
      });
  }

  async function expectOneVault(): Promise<void> {
    expect(await count('SELECT COUNT(*) AS n FROM vault_state')).toBe(1);
    expect(await tool('vault', ['verify'])).toMatchObject({
      code: 0,
      output: expect.stringContaining(' 0 faults') as string,
    });
    const expected = await present(place);
    const target = await newPlace();
    try {
      expect(await tool('vault', ['rebuild', '--to', target.databaseUrl])).toMatchObject({ code: 0 });
      expect(await present(target)).toEqual(expected);
      const check = await runCli('check', [], target, { ...environment, DATABASE_URL: target.databaseUrl });
      expect(check).toMatchObject({ code: 0 });
    } finally {
      await target.remove();
    }
  }
});
