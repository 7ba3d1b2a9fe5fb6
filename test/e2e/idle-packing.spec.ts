import fc from 'fast-check';
import { startApp, type TestApp } from '../support/app';
import { runCli } from '../support/cli';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraphOf } from '../support/graphs';
import { placeOf } from '../support/long-history';
import { rawSql } from '../support/raw-database';
import { passDays, run } from '../support/retention';
import { countedUsage, keptUsage } from '../support/usage';

let app: TestApp;
let user: ApiClient;
beforeEach(async () => {
  app = await startApp();
  user = await app.aUser();
  // Nothing is pruned here.
  await user.put('/api/v1/backup-policy', { keep_last: 1_000 });
});
afterEach(() => app.close());

/** A document in which a few of many fields have other values. */
const documentOf = (values: readonly number[]) =>
  JSON.stringify({
    nodes: Array.from({ length: 30 }, (_, i) => ({
      id: `node-${i}`,
      text: `value ${(i * 7_919) % 1_000} ${values[i % values.length]! * 104_729}`,
    })),
  });

async function write(id: string, config: string): Promise<void> {
  const answer = await user.put(`${GRAPHS}/${id}`, `{"config":${config}}`);
  if (answer.status !== 200) throw new Error(answer.text);
}

const rest = async () => {
  await passDays(app, 1.5);
  user = await user.signInAgain();
};

interface Row {
  version: number;
  seq: number;
  bytes: number;
}

async function rowsOf(id: string): Promise<Row[]> {
  const { graph_key } = await placeOf(app.place, { id });
  const sql = `SELECT version, seq, octet_length(frame) AS bytes FROM versions WHERE graph_key = ${graph_key} ORDER BY version`;
  return (await rawSql(app.place, sql)).map(({ version, seq, bytes }) => ({
    version: Number(version),
    seq: Number(seq),
    bytes: Number(bytes),
  }));
}

const bytesOf = (rows: readonly Row[]) => rows.reduce((sum, { bytes }) => sum + bytes, 0);

it('a graph that rests is packed once more tightly, and every version comes back byte for byte', async () => {
  const history = fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }), {
    minLength: 2,
    maxLength: 25,
  });
  await fc.assert(
    fc.asyncProperty(history, async (values) => {
      const configs = values.map(documentOf).filter((config, i, all) => config !== all[i - 1]);
      const graph = await aGraphOf(user, configs[0]!);
      for (const config of configs.slice(1)) await write(graph.id, config);
      const before = await rowsOf(graph.id);
      await rest();
      const { status } = await run(app, { dry_run: false });
      expect(status).toBe('done');
      const after = await rowsOf(graph.id);
      expect(after.map(({ version }) => version)).toEqual(configs.map((_, i) => i + 1));
      after.forEach(({ bytes, seq }, i) => {
        expect(bytes).toBeLessThanOrEqual(before[i]!.bytes);
        if (bytes < before[i]!.bytes) expect(seq).toBeGreaterThan(before.at(-1)!.seq);
      });
      for (const [i, config] of configs.entries()) {
        const read = await user.get(`${GRAPHS}/${graph.id}/versions/${i + 1}`);
        expect(read.configBytes.toString()).toBe(config);
      }
    }),
    { numRuns: 8 },
  );
  expect(await keptUsage(app.place)).toEqual(await countedUsage(app.place));
  expect(await runCli('check', [], app.place)).toMatchObject({ code: 0 });
});

it('what is packed is left alone until it changes, and then only what is new is packed', async () => {
  const graph = await aGraphOf(user, documentOf([0]));
  // Changes that are taken back: packed, they stand on the version that they go back to.
  for (let step = 1; step < 40; step += 1) await write(graph.id, documentOf([step % 3, step % 2, step]));
  const before = await rowsOf(graph.id);

  expect(await run(app, { dry_run: false })).toMatchObject({ graphs_repacked: 0 });
  expect(await rowsOf(graph.id)).toEqual(before);
  await rest();
  expect(await run(app, { dry_run: true })).toMatchObject({ status: 'done' });
  expect(await rowsOf(graph.id)).toEqual(before);

  const packed = await run(app, { dry_run: false });
  const after = await rowsOf(graph.id);
  expect(packed).toMatchObject({ graphs_repacked: 1, repacked_bytes: bytesOf(before) - bytesOf(after) });
  expect(bytesOf(after)).toBeLessThan(bytesOf(before));
  await rest();
  expect(await run(app, { dry_run: false })).toMatchObject({ graphs_repacked: 0 });
  expect(await rowsOf(graph.id)).toEqual(after);

  for (let step = 40; step < 60; step += 1) await write(graph.id, documentOf([step % 3, step % 2, step]));
  const longer = await rowsOf(graph.id);
  await run(app, { dry_run: false });
  expect(await rowsOf(graph.id)).toEqual(longer);
  await rest();
  expect(await run(app, { dry_run: false })).toMatchObject({ graphs_repacked: 1 });
  const again = await rowsOf(graph.id);
  expect(again.slice(0, after.length)).toEqual(after);
  expect(bytesOf(again)).toBeLessThan(bytesOf(longer));
});

it('a graph that does not rest is left for later', async () => {
  const graph = await aGraphOf(user, documentOf([0]));
  for (let step = 1; step < 30; step += 1) await write(graph.id, documentOf([step % 3, step]));
  await run(app, { dry_run: false });
  await passDays(app, 0.5);
  user = await user.signInAgain();
  await write(graph.id, documentOf([99]));
  const before = await rowsOf(graph.id);
  await passDays(app, 0.5);
  expect(await run(app, { dry_run: false })).toMatchObject({ graphs_repacked: 0 });
  expect(await rowsOf(graph.id)).toEqual(before);
  await passDays(app, 1);
  expect(await run(app, { dry_run: false })).toMatchObject({ graphs_repacked: 1 });
  expect(bytesOf(await rowsOf(graph.id))).toBeLessThan(bytesOf(before));
});
