import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolderSync } from '../files/make-folder';
import {
  WorkerPool,
  WorkerRefusedError,
  WorkerUnavailableError,
  type WorkerPoolOptions,
} from './worker-pool';
import { Workers } from './workers';

const CODE = `
const { setTimeout } = require('node:timers/promises');
exports.echo = (value) => value;
exports.late = async ([ms, value]) => { await setTimeout(ms); return value; };
exports.fail = () => { throw new SyntaxError('not JSON'); };
exports.exit = () => process.exit(3);
exports.spin = () => { for (;;); };
exports.fill = () => { const all = []; for (;;) all.push(new Array(1e5).fill(0)); };
`;

describe('WorkerPool', () => {
  let directory: string;
  let workers: Workers;
  let pool: WorkerPool;

  function aPool(options: Partial<WorkerPoolOptions> = {}): WorkerPool {
    const where = { name: 'test', directory, file: 'x.worker' };
    return (pool = new WorkerPool({ ...where, threads: 2, waiting: 4, ...options }, workers));
  }

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'worker-pool-'));
    writeFileSync(join(directory, 'x.worker.js'), CODE);
    workers = new Workers();
  });
  afterEach(async () => {
    await pool.close();
    rmSync(directory, { recursive: true });
  });

  it('answers with what the function returns, and rejects with what it throws', async () => {
    aPool();
    await expect(pool.run({ task: 'echo', data: { a: 1 } })).resolves.toEqual({ a: 1 });
    await expect(pool.run({ task: 'fail', data: null })).rejects.toThrow('not JSON');
    expect(workers.failing()).toEqual([]);
  });

  it('never leaves a job waiting behind a long one while a thread is free', async () => {
    aPool();
    const long = pool.run({ task: 'late', data: [3_600_000, 'long'] }).catch((error: unknown) => error);
    await expect(pool.run({ task: 'echo', data: 'short' })).resolves.toBe('short');
    await pool.close();
    expect(await long).toMatchObject({ reason: 'closed' });
  });

  it('lets owners take turns, and refuses at once what is too much', async () => {
    aPool({ threads: 1, waiting: 3, waitingOfOwner: 2 });
    const order: string[] = [];
    const run = (owner: string): Promise<void> =>
      pool.run<string>({ task: 'late', data: [20, owner], owner }).then((name) => void order.push(name));
    const all = [run('a'), run('a'), run('a'), run('b')];
    await expect(run('a')).rejects.toMatchObject({ reason: 'owner' });
    await expect(run('c')).rejects.toMatchObject({ reason: 'queue' });
    await Promise.all(all);
    expect(order).toEqual(['a', 'a', 'b', 'a']);
  });

  it('reads what a job works on when a thread is free, so that what waits holds nothing', async () => {
    aPool({ share: 1 });
    const read: number[] = [];
    let goOn = (): void => undefined;
    const first = new Promise<void>((resolve) => (goOn = resolve));
    const run = (number: number): Promise<number> =>
      pool.run<number>({
        task: 'echo',
        owner: 'a',
        data: async () => {
          read.push(number);
          await first;
          return number;
        },
      });
    const all = [run(1), run(2), run(3)];
    await new Promise((resolve) => setImmediate(resolve));
    expect(read).toEqual([1]);
    goOn();
    await expect(Promise.all(all)).resolves.toEqual([1, 2, 3]);
    expect(read).toEqual([1, 2, 3]);
  });

  it('rejects with the error of what could not be read, which is no failure of the thread', async () => {
    aPool({ threads: 1 });
    const cause = new WorkerUnavailableError(new Error('of another pool'));
    await expect(pool.run({ task: 'echo', data: () => Promise.reject(cause) })).rejects.toBe(cause);
    expect(workers.failing()).toEqual([]);
    await expect(pool.run({ task: 'echo', data: 'after it' })).resolves.toBe('after it');
  });

  it('starts no thread for what was still read when the pool was closed', async () => {
    aPool({ threads: 1 });
    let goOn = (): void => undefined;
    const data = () => new Promise<void>((resolve) => (goOn = resolve));
    const answer = pool.run({ task: 'echo', data }).catch((error: unknown) => error);
    await pool.close();
    goOn();
    expect(await answer).toMatchObject({ reason: 'closed' });
  });

  it('counts the time of a job from its start, not from its call', async () => {
    // Each job has seven times what it needs, all of them together need more than one may take.
    aPool({ threads: 1, waiting: 10, timeLimitMs: 4_000 });
    const jobs = Array.from({ length: 8 }, (_, index) => pool.run({ task: 'late', data: [550, index] }));
    await expect(Promise.all(jobs)).resolves.toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it.each([
    ['time', 'spin', 3_000],
    ['memory', 'fill', 300_000],
  ])('ends what needs too much %s, and works on', async (reason, task, timeLimitMs) => {
    const resourceLimits = { maxOldGenerationSizeMb: 30, maxYoungGenerationSizeMb: 8 };
    aPool({ threads: 1, timeLimitMs, resourceLimits });
    const refused = await pool.run({ task, data: null }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(WorkerRefusedError);
    expect(refused).toMatchObject({ reason });
    await expect(pool.run({ task: 'echo', data: 1 })).resolves.toBe(1);
  });

  it('is unavailable when a thread ends by itself, and tries again', async () => {
    aPool();
    const failure = await pool.run({ task: 'exit', data: null }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WorkerUnavailableError);
    expect(failure).toMatchObject({ kind: 'unavailable', retryAfter: 5 });
    expect(workers.failing()).toEqual([{ pool: 'test', code: 'Error' }]);
    await expect(pool.run({ task: 'echo', data: 1 })).resolves.toBe(1);
    expect(workers.failing()).toEqual([]);
  });

  it('is unavailable while its files are missing, as under npm ci, and works when they are back', async () => {
    aPool();
    rmSync(join(directory, 'x.worker.js'));
    await expect(pool.run({ task: 'echo', data: 1 })).rejects.toBeInstanceOf(WorkerUnavailableError);
    writeFileSync(join(directory, 'x.worker.js'), `require('not-installed-at-the-moment');`);
    await expect(pool.run({ task: 'echo', data: 1 })).rejects.toBeInstanceOf(WorkerUnavailableError);
    expect(workers.failing()).toEqual([{ pool: 'test', code: 'MODULE_NOT_FOUND' }]);
    makeFolderSync(join(directory, 'node_modules/not-installed-at-the-moment'));
    writeFileSync(join(directory, 'node_modules/not-installed-at-the-moment/index.js'), '');
    writeFileSync(join(directory, 'x.worker.js'), CODE);
    await expect(pool.run({ task: 'echo', data: 1 })).resolves.toBe(1);
  });
});
