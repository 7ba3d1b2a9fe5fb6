import { startApp, type TestApp } from '../support/app';
import { graphBody, type ApiClient } from '../support/client';
import { GRAPHS, rowCounts, type GraphJson } from '../support/graphs';
import { expectProblem } from '../support/problem';

const QUOTA = 10_000;
/** A config of exactly so many bytes. */
const config = (bytes: number, fill = 'x') => `["${fill.repeat(bytes - 4)}"]`;

let app: TestApp;
let user: ApiClient;
beforeAll(async () => {
  app = await startApp({ USER_QUOTA_BYTES: String(QUOTA) });
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.aUser();
});

const create = (bytes: number) => user.post(GRAPHS, graphBody('g', config(bytes)));
const update = (id: string, bytes: number, fill: string) =>
  user.put(`${GRAPHS}/${id}`, graphBody('g', config(bytes, fill)));
const usedBy = async (owner: ApiClient) => {
  const { logical_bytes, quota_bytes } = (await owner.get('/api/v1/backups/status')).json();
  return { usedBytes: logical_bytes, quotaBytes: quota_bytes };
};

it('lets a user store exactly the quota, and refuses a byte more with the numbers and nothing written', async () => {
  const graph = (await create(6_000)).json<GraphJson>();
  expect((await update(graph.id, 4_000, 'y')).status).toBe(200);
  const before = await rowCounts(app);
  for (const answer of [await create(4), await update(graph.id, 4, '')]) {
    const problem = expectProblem(answer, 409, 'quota-exceeded');
    expect(problem.detail).toContain('10000 of 10000 bytes');
  }
  expectProblem(await user.post(`${GRAPHS}/${graph.id}/restore`, { version: 1 }), 409, 'quota-exceeded');
  expect(await rowCounts(app)).toEqual(before);
  expect(await usedBy(user)).toEqual({ usedBytes: QUOTA, quotaBytes: QUOTA });
});

it('goes on with reading, with what changes nothing, with deleting and recovering', async () => {
  const graph = (await create(9_000)).json<GraphJson>();
  expectProblem(await create(2_000), 409);
  expect((await user.get(`${GRAPHS}/${graph.id}`)).status).toBe(200);
  expect((await user.get(`${GRAPHS}/${graph.id}/versions/1`)).status).toBe(200);
  expect((await update(graph.id, 9_000, 'x')).status).toBe(200);
  expect((await user.delete(`${GRAPHS}/${graph.id}`)).status).toBe(200);
  expect((await user.post(`${GRAPHS}/${graph.id}/recover`)).status).toBe(200);
});

it('counts the bin, until it is purged', async () => {
  const graph = (await create(4_000)).json<GraphJson>();
  await user.delete(`${GRAPHS}/${graph.id}`);
  expect(await usedBy(user)).toMatchObject({ usedBytes: 8_000 });
  expectProblem(await create(4_000), 409);
  await user.post(`${GRAPHS}/${graph.id}/purge`);
  expect((await create(4_000)).status).toBe(201);
});

it('holds when many store at once, and is for each user alone', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => create(1_000)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(10);
  expect(await usedBy(user)).toMatchObject({ usedBytes: QUOTA });
  user = await app.aUser();
  expect((await create(9_000)).status).toBe(201);
});

it('counts nothing for what is refused for another reason', async () => {
  for (let tries = 0; tries < 5; tries += 1)
    expectProblem(await user.post(GRAPHS, graphBody('', config(9_000))), 400);
  const { id } = (await create(5_000)).json<GraphJson>();
  expectProblem(
    await user.put(`${GRAPHS}/${id}`, graphBody('g', config(4_000)), { 'if-match': '"9-x"' }),
    412,
  );
  expect((await create(5_000)).status).toBe(201);
});
