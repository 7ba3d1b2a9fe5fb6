import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { aGraph } from '../support/graphs';
import { lengthen, placeOf } from '../support/long-history';
import { collectStatements } from '../support/statements';

const PREVIEW = '/api/v1/backup-policy/preview';
const LONG = 2_500;

let app: TestApp;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp();
  user = await app.aUser();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => app.close());

it('reads the versions of many small graphs by one statement, and those of a long one in parts', async () => {
  const ids: string[] = [];
  for (let at = 0; at < 12; at += 1) ids.push((await aGraph(user, { title: `Graph ${at}` })).id);
  const seen = collectStatements();
  const small = await user.post(PREVIEW, {});
  expect(small.json()).toMatchObject({ kept: 12, removed: 0 });
  expect(seen.filter(({ sql }) => sql.includes('FROM versions'))).toHaveLength(1);
  jest.restoreAllMocks();

  await lengthen(app, await placeOf(app.place, { id: ids[5]! }), LONG);
  const preview = (await user.post(PREVIEW, {})).json<{
    graphs: Array<{ graph_id: string; kept: number; removed: number }>;
  }>();
  const versions = new Map(preview.graphs.map((graph) => [graph.graph_id, graph.kept + graph.removed]));
  expect(ids.map((id) => versions.get(id))).toEqual(ids.map((_, at) => (at === 5 ? LONG : 1)));
});
