import { join } from 'node:path';
import { startChild, type ChildService } from '../support/child';
import { Clock } from '../../src/platform/clock/clock';
import { runCli } from '../support/cli';
import { databaseKind, newPlace, type TestPlace } from '../support/database';
import { WriteLoad } from '../support/load';
import { rawSql } from '../support/raw-database';
import { present } from '../support/recovered';
import { sharedSecrets } from '../support/replicas';
import { until, within } from '../support/within';

// On SQLite one process owns the file, and no other process can take over.
const onPostgres = databaseKind === 'postgres' ? describe : describe.skip;

const REPLICAS = 3;
/** A minute's jobs come every 6 s of the wall's clock, and a lease of 30 s ends after 3 s. */
const SPEED = 10;
const KILLS = 6;
const JOBS = ['seal', 'vault-copy'];
/** How long after a run has said that it is about to write it may be killed: before, in and after that write, ms. */
const KILL_WITHIN_MS = 900;
/** Answered writes of a burst, and the pause after it, ms: load enough that there is always something to seal. */
const BURST = 8;
const PAUSE_MS = 600;
const PATIENCE_MS = 90_000;
jest.setTimeout(300_000);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What ends a burst of writes. */
class EnoughError extends Error {}

/** Which replica a run is on; see hastened.cjs. */
interface Writer {
  replica: number;
  fence: number;
}

onPostgres('three replicas under load, whose holders of a lease are killed and paused', () => {
  let place: TestPlace;
  let environment: Record<string, string>;
  let services: ChildService[];
  let load: WriteLoad;
  let writing: Promise<unknown>;
  let over: boolean;

  beforeAll(async () => {
    place = await newPlace();
    environment = {
      ...sharedSecrets(),
      DATABASE_URL: place.databaseUrl,
      BACKUP_STORE_URL: `file://${join(place.dataDir, 'vault')}`,
      ACCESS_TOKEN_EXPIRE_MINUTES: '600',
      HASTENED: String(SPEED),
      HASTENED_SINCE: String(new Clock().now()),
    };
    services = await Promise.all(Array.from({ length: REPLICAS }, (_, replica) => start(replica)));
    load = new WriteLoad();
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
  const hastened = ['--require', join(__dirname, '..', 'support', 'hastened.cjs')];
  const start = (replica: number) => startChild({ ...environment, DATA_DIR: folderOf(replica) }, hastened);
  const tool = (name: string, args: string[], replica = 0) =>
    runCli(name, args, place, {
      ...environment,
      DATA_DIR: folderOf(replica),
      NODE_OPTIONS: hastened.join(' '),
    });

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

  /** The first run of a job above a fence that says that it is about to write. */
  const writer = (job: string, above: number): Promise<Writer> =>
    until(PATIENCE_MS, `a write of ${job} above ${above}`, () => {
      for (const [replica, { lines }] of services.entries()) {
        const fences = lines
          .filter((line) => line.startsWith(`writes ${job} `))
          .map((line) => Number(line.split(' ')[2]));
        const fence = fences.find((each) => each > above);
        if (fence !== undefined) return { replica, fence };
      }
      return undefined;
    });

  const count = async (sql: string) => Number((await rawSql(place, sql))[0]!['n']);
  const newestFence = (job: string) =>
    count(`SELECT COALESCE(MAX(fence), 0) AS n FROM job_runs WHERE job_id = '${job}'`);

  it('keep one chain of seals and one line of copies, without a gap or a double', async () => {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const job = JOBS[kill % JOBS.length]!;
      const { replica } = await writer(job, await newestFence(job));
      await pause(((kill + Math.random()) / KILLS) * KILL_WITHIN_MS);
      await services[replica]!.stop('SIGKILL');
      services[replica] = await start(replica);
    }
    for (const job of JOBS) {
      const { replica, fence } = await writer(job, await newestFence(job));
      const paused = services[replica]!;
      paused.process.kill('SIGSTOP');
      const next = await writer(job, fence);
      expect(next.replica).not.toBe(replica);
      paused.process.kill('SIGCONT');
      await until(PATIENCE_MS, 'the refusal of the late write', () =>
        paused.lines.includes(`refused ${job} ${fence}`) ? true : undefined,
      );
      expect(paused.process.exitCode).toBeNull();
    }
    over = true;
    await within(PATIENCE_MS, 'the end of the load', writing);
    await load.verify(services[0]!.url);
    expect(load.answeredVersions).toBeGreaterThan(200);
    expect(await count(`SELECT COUNT(*) AS n FROM job_runs WHERE status = 'interrupted'`)).toBeGreaterThan(1);

    // The signing-in of this very test is to be sealed and copied, too.
    const newest = await count('SELECT MAX(seq) AS n FROM journal');
    await until(PATIENCE_MS, 'the seal of the last event', async () =>
      (await count('SELECT MAX(to_seq) AS n FROM seals')) >= newest ? true : undefined,
    );
    await until(PATIENCE_MS, 'the copy of the last event', async () =>
      (await count('SELECT stored_seq AS n FROM vault_state')) >= newest ? true : undefined,
    );
    await Promise.all(services.map((service) => service.stop()));
    await expectOneChain();
    await expectOneVault();
  });

  async function expectOneChain(): Promise<void> {
    const seals = await rawSql(place, 'SELECT * FROM seals ORDER BY number');
    expect(seals.length).toBeGreaterThan(2);
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
