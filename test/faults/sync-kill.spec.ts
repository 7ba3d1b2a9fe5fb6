import { startApp, type TestApp } from '../support/app';
import { ApiClient } from '../support/client';
import { GRAPHS, versionsOf, type GraphJson } from '../support/graphs';
import { killedAt } from '../support/kill';
import { rawSql } from '../support/raw-database';
import { SOURCES, aSource, itemsOf, sync, type SourceJson, type SourceRunJson } from '../support/sources';
import { FakeN8n } from '../support/tools/n8n-case';

/** A run changes one graph and imports another with its history: over twenty statements. */
const STATEMENTS = [1, 5, 9, 13, 18];
const DAY_MINUTES = 1_440;

interface Case {
  statement: number;
  n8n: FakeN8n;
  user: ApiClient;
  source: SourceJson;
}

let app: TestApp;
let cases: Case[];
beforeAll(async () => {
  app = await startApp();
  cases = [];
});
afterAll(async () => {
  for (const { n8n } of cases) await n8n.tool.close();
  await app.close();
});

const nodes = (value: number) => `[{"name":"Start","v": ${value}.0}]`;

async function aCase(statement: number): Promise<Case> {
  const n8n = await FakeN8n.start();
  n8n.save('kept', nodes(1));
  n8n.save('changed', nodes(1));
  const user = await app.aUser();
  const body = {
    kind: 'n8n',
    url: n8n.tool.url,
    credentials: { api_key: 'right' },
    every_minutes: DAY_MINUTES,
  };
  const source = await aSource(user, body);
  n8n.save('changed', nodes(2));
  for (const value of [1, 2, 3, 4]) n8n.save('imported', nodes(value));
  return { statement, n8n, user, source };
}

/** The nodes in each version of each graph, oldest first, by title. */
async function stored(user: ApiClient): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const { id, title } of (await user.get(GRAPHS)).json<GraphJson[]>()) {
    const versions = (await versionsOf(user, id)).reverse();
    const texts = versions.map(async ({ version }) =>
      (await user.get(`${GRAPHS}/${id}/versions/${version}`)).configBytes.toString(),
    );
    const found = (await Promise.all(texts)).map((text) => /"nodes":(\[.*?\]),/.exec(text)![1]!);
    // A second graph of the same workflow would be a mistake.
    expect(all).not.toHaveProperty(title);
    all[title] = found;
  }
  return all;
}

it('a run that is killed at any statement is taken up again: no version twice or lost, nothing called gone', async () => {
  for (const statement of STATEMENTS) cases.push(await aCase(statement));
  await app.stop();
  for (const { statement, user, source } of cases) {
    await killedAt(app.place, { from: 'UPDATE sources SET claimed_by', statement }, (child) =>
      new ApiClient(child.url, user.token).post(`${SOURCES}/${source.id}/sync`),
    );
    // The next process shall run its own source only.
    await rawSql(app.place, 'UPDATE sources SET next_attempt_at = NULL');
  }

  const again = await startApp({}, app.place);
  try {
    for (const { statement, user, source } of cases) {
      const owner = await again.anonymous.signIn(user.credentials!.email, user.credentials!.password);
      const run = await sync(owner, source.id);
      expect([statement, run]).toMatchObject([statement, { status: 'done', seen: 3, gone: 0, failed: 0 }]);
      expect(await stored(owner)).toEqual({
        'Workflow kept': [nodes(1)],
        'Workflow changed': [nodes(1), nodes(2)],
        'Workflow imported': [nodes(1), nodes(2), nodes(3), nodes(4)],
      });
      expect((await itemsOf(owner, source.id)).map(({ state }) => state)).toEqual([
        'synced',
        'synced',
        'synced',
      ]);
      const runs = (await owner.get(`${SOURCES}/${source.id}/runs`)).json<SourceRunJson[]>();
      expect(runs.map(({ status }) => status)).not.toContain('running');
      expect(await sync(owner, source.id)).toMatchObject({ unchanged: 3, created: 0, changed: 0 });
    }
  } finally {
    await again.stop();
  }
});
