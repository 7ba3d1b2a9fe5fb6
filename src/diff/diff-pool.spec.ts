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

  it.each([
    ['inline', 5],
    ['in a worker', 3_000],
  ])('gives the same %s as without a pool', async (_, count) => {
    const [from, to] = [flow(count, 'old'), flow(count + 1, 'new')];
    expect((await pool.diff(from, to)).toString()).toBe(writeExact(diffConfigs(from, to)));
    expect((await pool.drawDiff(from, to)).toString()).toBe(drawDiff(from, to));
    expect((await pool.drawGraph(to)).toString()).toBe(drawGraph(to));
    expect(from.equals(flow(count, 'old'))).toBe(true);
  });

  it('rejects with SyntaxError when a config is not JSON, in a worker too', async () => {
    await expect(pool.diff(Buffer.from('{'), Buffer.from('{}'))).rejects.toThrow('JSON');
    await expect(pool.diff(Buffer.alloc(100_000, '['), Buffer.from('{}'))).rejects.toThrow('JSON');
  });

  it('leaves other work room while it compares large ones', async () => {
    // However slow the machine is: what counts is that the calling thread goes on meanwhile.
    const patient = new DiffPool(300_000);
    let ended = false;
    const compared = patient.diff(flow(20_000, 'old'), flow(20_000, 'new')).finally(() => (ended = true));
    let turns = 0;
    for (; !ended && turns < 20; turns += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(turns).toBe(20);
    await compared;
    await patient.close();
  });

  it('gives up after the time limit, and works on', async () => {
    const hasty = new DiffPool(500);
    const [from, to] = [flow(200_000, 'old'), flow(200_000, 'new')];
    const refused = await hasty.diff(from, to).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DiffRefusedError);
    expect(refused).toMatchObject({ reason: 'time' });
    await expect(hasty.diff(flow(1, 'a'), flow(1, 'b'))).resolves.toBeInstanceOf(Buffer);
    await hasty.close();
  });

  it('refuses when too many wait', async () => {
    const [from, to] = [flow(3_000, 'old'), flow(3_000, 'new')];
    const answers = Array.from({ length: 80 }, () => pool.diff(from, to).catch((error: unknown) => error));
    await pool.close();
    const queued = (await Promise.all(answers)).filter((error) => error instanceof DiffRefusedError);
    expect(queued.length).toBeGreaterThan(0);
    expect(queued.every((error) => error.reason === 'queue')).toBe(true);
  });
});
