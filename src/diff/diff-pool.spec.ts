import { drawDiff, drawGraph } from './picture/draw';
import { diffConfigs } from './diff-configs';
import { DiffPool, DiffRefusedError } from './diff-pool';
import { writeExact } from './exact-json';

function flow(count: number, label: string): Buffer {
  const nodes = Array.from({ length: count }, (_, index) => ({
    id: `n${index}`,
    data: { label: `${label} ${index}` },
  }));
  return Buffer.from(JSON.stringify({ nodes, edges: [] }));
}

/** These run the compiled worker: "npm run build" first. */
describe('DiffPool', () => {
  let pool: DiffPool;

  beforeEach(() => (pool = new DiffPool()));
  afterEach(() => pool.close());

  it.each([5, 3_000])('gives the same as without a pool, for %i nodes', async (count) => {
    const [from, to] = [flow(count, 'old'), flow(count + 1, 'new')];
    expect((await pool.diff('user', from, to)).toString()).toBe(writeExact(diffConfigs(from, to)));
    expect((await pool.drawDiff('user', from, to)).toString()).toBe(drawDiff(from, to));
    expect((await pool.drawGraph('user', to)).toString()).toBe(drawGraph(to));
    expect(from.equals(flow(count, 'old'))).toBe(true);
  });

  it('reads configs of one user for one job at a time', async () => {
    const [from, to] = [flow(50, 'old'), flow(50, 'new')];
    let reading = 0;
    let most = 0;
    const unread = (config: Buffer) => ({
      bytes: config.length,
      read: async () => {
        most = Math.max(most, (reading += 1));
        await new Promise((resolve) => setImmediate(resolve));
        reading -= 1;
        return config;
      },
    });
    const pairs = Array.from({ length: 8 }, () => pool.diff('user', unread(from), unread(to)));
    const expected = writeExact(diffConfigs(from, to));
    for (const answer of await Promise.all(pairs)) expect(answer.toString()).toBe(expected);
    expect(most).toBe(1);
  });

  it('rejects with SyntaxError when a config is not JSON, in a worker too', async () => {
    await expect(pool.diff('user', Buffer.from('{'), Buffer.from('{}'))).rejects.toThrow('JSON');
    await expect(pool.diff('user', Buffer.alloc(100_000, '['), Buffer.from('{}'))).rejects.toThrow('JSON');
  });

  it('leaves other work room while it compares large ones', async () => {
    // However slow the machine is: what counts is that the calling thread goes on meanwhile.
    const patient = new DiffPool(undefined, 300_000);
    let ended = false;
    const compared = patient
      .diff('user', flow(20_000, 'old'), flow(20_000, 'new'))
      .finally(() => (ended = true));
    let turns = 0;
    for (; !ended && turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(turns).toBe(20);
    await compared;
    await patient.close();
  });

  it('gives up after the time limit, and works on', async () => {
    const hasty = new DiffPool(undefined, 1_500);
    const [from, to] = [flow(200_000, 'old'), flow(200_000, 'new')];
    const refused = await hasty.diff('user', from, to).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DiffRefusedError);
    expect(refused).toMatchObject({ reason: 'time' });
    // On a busy machine a new thread may take longer than the limit before it works.
    const small = () => hasty.diff('user', flow(1, 'a'), flow(1, 'b')).catch(() => undefined);
    let answer = await small();
    for (let tries = 1; answer === undefined && tries < 50; tries += 1) answer = await small();
    expect(answer).toBeInstanceOf(Buffer);
    await hasty.close();
  });

  it('refuses when too many of one user wait', async () => {
    const [from, to] = [flow(3_000, 'old'), flow(3_000, 'new')];
    const answers = Array.from({ length: 80 }, () =>
      pool.diff('user', from, to).catch((error: unknown) => error),
    );
    await pool.close();
    const queued = (await Promise.all(answers)).filter((error) => error instanceof DiffRefusedError);
    expect(queued.filter((error) => error.reason === 'owner').length).toBe(80 - 17);
  });
});
