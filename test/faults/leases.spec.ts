import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { QUICK_LOAD } from '../support/child';
import { databaseKind, newPlace, type TestPlace } from '../support/database';
import { PATIENCE_MS, until } from '../support/within';

// On SQLite one process owns the file; a second one is refused (config-start.spec.ts), so no other process can take over.
const onPostgres = databaseKind === 'postgres' ? describe : describe.skip;

const CHILD = join(__dirname, '..', 'support', 'job-replica.ts');
/** Compiles it as Jest's own worker does. */
const TYPESCRIPT = join(__dirname, '..', 'jest', 'load-once.cjs');
const REPLICAS = 3;
const MINUTE_MS = 60_000;

interface Step {
  id: number;
  fence: number;
  pid: number;
  minute: number;
}

onPostgres('three processes that share the jobs of one database', () => {
  let place: TestPlace;
  let client: Client;
  let children: ChildProcess[];
  let said: string[];

  beforeEach(async () => {
    place = await newPlace();
    client = new Client({ connectionString: place.databaseUrl });
    // Ended with the database when a test fails half way.
    client.on('error', () => undefined);
    await client.connect();
    await client.query(
      'CREATE TABLE steps (id serial PRIMARY KEY, job text, fence int, pid int, minute int)',
    );
    said = [];
    children = Array.from({ length: REPLICAS }, start);
    await until(PATIENCE_MS, 'three processes that are ready', () => all('ready', REPLICAS));
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await client.end();
    await place.remove();
  });

  function start(): ChildProcess {
    const args = [...QUICK_LOAD, '--require', TYPESCRIPT, CHILD, place.databaseUrl];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
    return child;
  }

  /** Sets the clocks of all processes forward by a minute: both jobs are due, and leases have ended. */
  function passMinute(): void {
    for (const child of children) if (child.signalCode === null) child.stdin!.write(`${MINUTE_MS}\n`);
  }

  const all = (line: string, times: number) =>
    said.filter((each) => each === line).length === times || undefined;

  async function steps(job: string): Promise<Step[]> {
    const text = 'SELECT id, fence, pid, minute FROM steps WHERE job = $1 ORDER BY id';
    return (await client.query<Step>(text, [job])).rows;
  }

  async function statuses(): Promise<string[]> {
    const text = `SELECT status FROM job_runs WHERE job_id = 'endless' ORDER BY fence`;
    return (await client.query<{ status: string }>(text)).rows.map(({ status }) => status);
  }

  const holder = (fence: number) =>
    until(PATIENCE_MS, `a step of run ${fence}`, async () =>
      (await steps('endless')).find((step) => step.fence === fence),
    );
  const childOf = ({ pid }: Step) => children.find((child) => child.pid === pid)!;

  it('run each job once for each time of its schedule', async () => {
    for (let runs = 1; runs <= 3; runs += 1) {
      passMinute();
      await until(
        PATIENCE_MS,
        `run ${runs}`,
        async () => (await steps('short')).length === runs || undefined,
      );
    }
    const done = await steps('short');
    expect(new Set(done.map(({ minute }) => minute)).size).toBe(3);
    expect(done.map(({ fence }) => fence)).toEqual([1, 2, 3]);
  });

  it('take over from one that was killed, when its lease has ended', async () => {
    passMinute();
    const first = await holder(1);
    childOf(first).kill('SIGKILL');
    passMinute();
    const second = await holder(2);
    expect(second.pid).not.toBe(first.pid);
    expect(await statuses()).toEqual(['interrupted', 'running']);
  });

  it('refuse what one writes that was paused past its lease and goes on', async () => {
    passMinute();
    const first = await holder(1);
    const paused = childOf(first);
    paused.stdin!.write('pause\n');
    await until(PATIENCE_MS, 'the pause', () => all('paused', 1));
    passMinute();
    const second = await holder(2);
    expect(second.pid).not.toBe(first.pid);
    paused.kill('SIGCONT');
    await until(PATIENCE_MS, 'the refusal of the late write', () => all('refused 1', 1));

    const seen = (await steps('endless')).length;
    await until(PATIENCE_MS, 'the new run to go on', async () =>
      (await steps('endless')).length > seen + 5 ? true : undefined,
    );
    const fences = (await steps('endless')).map(({ fence }) => fence);
    expect(fences).toEqual([...fences].sort((a, b) => a - b));
    expect(new Set(fences)).toEqual(new Set([1, 2]));
    expect(await statuses()).toEqual(['interrupted', 'running']);
    expect(paused.exitCode).toBeNull();
  });
});
