import { startApp, type TestApp } from '../support/app';
import { ApiClient } from '../support/client';
import { databaseKind } from '../support/database';
import { GRAPHS, aGraph, type GraphJson } from '../support/graphs';
import { expectFaults, expectProblem } from '../support/problem';
import { rawSql } from '../support/raw-database';
import { aSource } from '../support/sources';
import { FLOW_OPTIONS, FlowServer } from '../support/tools/fake-tool';

interface Authored {
  version: number;
  author: { kind: string; id: string | null } | null;
}

let app: TestApp;
let user: ApiClient;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.aUser();
});

const authorsOf = async (id: string, client = user) =>
  (await client.get(`${GRAPHS}/${id}/versions?include=author`)).json<Authored[]>();

async function aProgram(): Promise<{ id: string; client: ApiClient }> {
  const made = await user.post('/api/v1/auth/tokens', { name: 'nightly', scopes: ['read', 'write'] });
  const { id, token } = made.json<{ id: string; token: string }>();
  return { id, client: new ApiClient(app.url, token) };
}

/** A graph that a person made and a program changed. */
async function aSharedGraph(): Promise<{ graphId: string; tokenId: string; expected: Authored[] }> {
  const { id: graphId } = await aGraph(user, { config: { nodes: [] } });
  const { id: tokenId, client } = await aProgram();
  await client.put(`${GRAPHS}/${graphId}`, { config: { nodes: [{ id: 'n' }] } });
  await user.put(`${GRAPHS}/${graphId}`, { title: 'By hand' });
  const person = { kind: 'user', id: user.userId! };
  const expected = [
    { version: 3, author: person },
    { version: 2, author: { kind: 'token', id: tokenId } },
    { version: 1, author: person },
  ];
  return { graphId, tokenId, expected };
}

it('tells persons from programs, also after the token is revoked', async () => {
  const { graphId, tokenId, expected } = await aSharedGraph();
  expect(await authorsOf(graphId)).toMatchObject(expected);
  await user.delete(`/api/v1/auth/tokens/${tokenId}`);
  expect(await authorsOf(graphId)).toMatchObject(expected);
  const plain = (await user.get(`${GRAPHS}/${graphId}/versions`)).json<Authored[]>();
  expect(plain[0]).not.toHaveProperty('author');
  const events = (await user.get(`/api/v1/audit?graph_id=${graphId}&action=graph.updated`)).json();
  expect(events).toMatchObject([{ details: null }, { details: { token_id: tokenId } }]);
});

/** Events of the user, as other graphs make them; more than two searches of the journal look at in one statement. */
async function manyEvents(): Promise<void> {
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)`;
  const hex = user.userId!.replaceAll('-', '');
  const id = databaseKind === 'sqlite' ? `x'${hex}'` : `'\\x${hex}'`;
  await rawSql(
    app.place,
    `${numbers} INSERT INTO journal (at, user_key, action) SELECT 1, (SELECT key FROM users WHERE id = ${id}), 101 FROM n`,
  );
}

it('finds authors of versions whose rows were written again, behind many other events', async () => {
  const { graphId, expected } = await aSharedGraph();
  await manyEvents();
  for (const version of [1, 2])
    await user.send('PATCH', `${GRAPHS}/${graphId}/versions/${version}`, { label: 'kept', pinned: true });
  expect(await authorsOf(graphId)).toMatchObject(expected);
  const older = await user.get(`${GRAPHS}/${graphId}/versions?include=author&limit=1&skip=1`);
  expect(older.json()).toMatchObject([expected[1]]);
});

it('names the source of what it pulled', async () => {
  const server = await FlowServer.start();
  server.put('one', '{"v":1}', 'One');
  const source = await aSource(user, { kind: 'http', options: FLOW_OPTIONS, url: server.url });
  const [graph] = (await user.get(GRAPHS)).json<GraphJson[]>();
  await user.put(`${GRAPHS}/${graph!.id}`, { title: 'By hand' });
  expect(await authorsOf(graph!.id)).toMatchObject([
    { author: { kind: 'user' } },
    { author: { kind: 'source', id: source.id } },
  ]);
  await user.delete(`/api/v1/sources/${source.id}`);
  expect((await authorsOf(graph!.id)).at(-1)).toMatchObject({ author: { kind: 'source', id: null } });
  await server.close();
});

it('says nothing to others, and refuses what it cannot include', async () => {
  const { graphId } = await aSharedGraph();
  const stranger = await app.aUser();
  expectProblem(await stranger.get(`${GRAPHS}/${graphId}/versions?include=author`), 404);
  expectFaults(await user.get(`${GRAPHS}/${graphId}/versions?include=everything`), ['include']);
});
