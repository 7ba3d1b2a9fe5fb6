import { startApp, type TestApp } from '../support/app';
import { graphBody, type ApiClient } from '../support/client';
import { HOSTILE_NAMES, hostileGraphs } from '../support/hostile-names';

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

/** Past the size up to which a difference was once made where requests are answered. */
const FILLING = 'x'.repeat(20_000);

async function aGraph(user: ApiClient, ...configs: string[]): Promise<string> {
  const [first = '{}', ...others] = configs;
  const { id } = (await user.post('/api/v1/graphs', graphBody('flow', first))).json<{ id: string }>();
  for (const config of others) await user.put(`/api/v1/graphs/${id}`, graphBody('flow', config));
  return id;
}

/** What somebody is answered about the graphs; ids and times of requests are not part of it. */
async function answers(user: ApiClient, ids: readonly string[]): Promise<string[]> {
  const paths = ['', '/versions', '/diff?from=1&to=2', '/diff.svg?from=1&to=2', '/picture.svg'];
  const all: string[] = [];
  for (const id of ids) {
    for (const path of paths) {
      const answer = await user.get(`/api/v1/graphs/${id}${path}`);
      all.push(`${path} ${answer.status} ${answer.text}`);
    }
  }
  for (const path of ['graphs?include=config', 'audit', 'graphs?nope=1', 'auth/me']) {
    const answer = await user.get(`/api/v1/${path}`);
    const text = answer.text.replaceAll(/"(?:request_id|backup_status)":"[^"]*"/g, '');
    all.push(`${path} ${answer.status} ${text}`);
  }
  return all;
}

it('answers another user the same after pictures and differences of hostile graphs of every dialect', async () => {
  const [victim, attacker] = [await app.aUser(), await app.aUser()];
  const mine: string[] = [];
  for (const text of hostileGraphs('mine').values()) {
    const large = text.replace('"mine"', `"mine ${FILLING}"`);
    mine.push(await aGraph(victim, text, large));
  }
  const before = await answers(victim, mine);
  const statuses = new Set<number>();
  for (const name of HOSTILE_NAMES) {
    const harmless = hostileGraphs('harmless');
    for (const [dialect, text] of hostileGraphs(name)) {
      const id = await aGraph(attacker, harmless.get(dialect) ?? '{}', text);
      for (const path of ['picture.svg', 'diff.svg', 'diff'])
        statuses.add((await attacker.get(`/api/v1/graphs/${id}/${path}`)).status);
    }
  }
  expect([...statuses]).toEqual([200]);
  expect(await answers(victim, mine)).toEqual(before);
});
