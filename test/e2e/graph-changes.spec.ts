import { JournalCounts } from '../../src/audit/journal-counts';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraph } from '../support/graphs';
import { expectProblem } from '../support/problem';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let app: TestApp;
let user: ApiClient;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.aUser();
});

const iso = (at: number) => new Date(at).toISOString();
const path = (from: number, to: number, by?: string) =>
  `${GRAPHS}/changes?from=${iso(from)}&to=${iso(to)}${by ? `&by=${by}` : ''}`;

async function counts(from: number, to: number, by?: string): Promise<Array<[string, number]>> {
  const answer = await user.get(path(from, to, by));
  expect(answer.status).toBe(200);
  return answer.json<Array<{ at: string; changes: number }>>().map(({ at, changes }) => [at, changes]);
}

it('counts each change that made a version, by spans that begin at "from"', async () => {
  const from = app.clock.now();
  const { id } = await aGraph(user);
  app.clock.advance(HOUR);
  user = await user.signInAgain();
  await user.put(`${GRAPHS}/${id}`, { title: 'second' });
  await user.put(`${GRAPHS}/${id}`, { title: 'third' });
  await user.put(`${GRAPHS}/${id}`, { title: 'third' });
  await user.get(`${GRAPHS}/${id}`);
  app.clock.advance(2 * DAY);
  user = await user.signInAgain();
  await user.post(`${GRAPHS}/${id}/restore`, { version: 1 });
  await user.delete(`${GRAPHS}/${id}`);
  await user.post(`${GRAPHS}/${id}/recover`);
  const to = app.clock.now() + 1;
  expect(await counts(from, to)).toEqual([
    [iso(from), 3],
    [iso(from + 2 * DAY), 3],
  ]);
  expect(await counts(from, to, 'hour')).toEqual([
    [iso(from), 1],
    [iso(from + HOUR), 2],
    [iso(from + HOUR + 2 * DAY), 3],
  ]);
});

it('keeps the changes of purged graphs, and leaves out those before and after', async () => {
  const before = app.clock.now();
  app.clock.advance(1_000);
  const { id } = await aGraph(user);
  await user.delete(`${GRAPHS}/${id}`);
  await user.post(`${GRAPHS}/${id}/purge`);
  app.clock.advance(1_000);
  const after = app.clock.now();
  expect(await counts(before, after)).toEqual([[iso(before), 2]]);
  expect(await counts(before - DAY, before)).toEqual([]);
  expect(await counts(after, after + DAY)).toEqual([]);
});

it('counts only changes of the caller', async () => {
  const from = app.clock.now();
  await aGraph(await app.aUser());
  expect(await counts(from, from + DAY)).toEqual([]);
});

it('counts more events than one step looks at', async () => {
  app.service.app.get(JournalCounts).slice = 3;
  const from = app.clock.now();
  const { id } = await aGraph(user);
  for (const title of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
    app.clock.advance(HOUR / 4);
    user = await user.signInAgain();
    await user.put(`${GRAPHS}/${id}`, { title });
  }
  expect(await counts(from, from + DAY, 'hour')).toEqual([
    [iso(from), 4],
    [iso(from + HOUR), 4],
    [iso(from + 2 * HOUR), 1],
  ]);
});

it('refuses a range without length, with too many spans, or without a zone', async () => {
  const now = app.clock.now();
  for (const bad of [
    path(now, now),
    path(now, now - 1),
    path(now - 1_001 * HOUR, now, 'hour'),
    path(now - 1_001 * DAY, now),
    path(now - DAY, now, 'week'),
    `${GRAPHS}/changes?from=2026-01-01&to=${iso(now)}`,
    `${GRAPHS}/changes`,
  ])
    expectProblem(await user.get(bad), 400, 'invalid-input');
  expectProblem(await app.anonymous.get(path(now - DAY, now)), 401, 'not-signed-in');
});
