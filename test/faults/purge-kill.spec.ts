import { startApp, type TestApp } from '../support/app';
import { ApiClient } from '../support/client';
import { GRAPHS, aGraph, type GraphJson } from '../support/graphs';
import { killedAt } from '../support/kill';
import { NOTHING_LEFT, lengthen, placeOf, rowsOn, type Place } from '../support/long-history';
import { expectProblem } from '../support/problem';
import { run } from '../support/retention';
import { countedUsage, keptUsage } from '../support/usage';

/** Steps of removing versions, 500 at a time at most; the first one is before anything is committed. */
const KILLED_BEFORE = [1, 8, 10, 13, 17];
const VERSIONS = 5_000;

let app: TestApp;
afterEach(() => app.close());

/** Purges in a process of its own, which is killed right before a statement of it. */
function purgeKilled(path: string, { token }: ApiClient, statement: number): Promise<void> {
  return killedAt(app.place, { from: 'DELETE FROM versions', statement }, ({ url }) =>
    new ApiClient(url, token).post(`${path}/purge`),
  );
}

it('a purge that was killed in the middle is nowhere to be seen, and the next run finishes it', async () => {
  app = await startApp();
  const user = await app.aUser();
  const graphs: Array<{ path: string; place: Place }> = [];
  for (let kill = 0; kill < KILLED_BEFORE.length; kill += 1) {
    const graph = await aGraph(user);
    const place = await placeOf(app.place, graph);
    const path = `${GRAPHS}/${graph.id}`;
    await user.delete(path);
    await lengthen(app, place, VERSIONS);
    graphs.push({ path, place });
  }
  const kept = await aGraph(user);
  await app.stop();
  for (const [kill, { path }] of graphs.entries()) await purgeKilled(path, user, KILLED_BEFORE[kill]!);

  const again = await startApp({}, app.place);
  try {
    const owner = await again.anonymous.signIn(user.credentials!.email, user.credentials!.password);
    const broken = await Promise.all(graphs.map(({ place }) => rowsOn(app.place, place)));
    const [notBegun, ...begun] = broken.map(({ versions }) => versions!);
    expect(notBegun).toBe(VERSIONS);
    for (const versions of begun) expect([0 < versions, versions < VERSIONS]).toEqual([true, true]);
    for (const { path } of graphs.slice(1)) expectProblem(await owner.get(path), 404);
    const seen = (await owner.get(`${GRAPHS}?deleted=include`)).json<GraphJson[]>();
    expect(seen.map(({ id }) => `${GRAPHS}/${id}`)).toEqual([`${GRAPHS}/${kept.id}`, graphs[0]!.path]);
    expect(await keptUsage(app.place)).toEqual(await countedUsage(app.place));

    expect((await owner.post(`${graphs[0]!.path}/purge`)).status).toBe(204);
    expect(await run(again, { dry_run: false, force: true })).toMatchObject({ status: 'done' });
    for (const { place } of graphs) expect(await rowsOn(app.place, place)).toEqual(NOTHING_LEFT);
    expect(await keptUsage(app.place)).toEqual(await countedUsage(app.place));
    expect((await owner.get(`${GRAPHS}/${kept.id}`)).status).toBe(200);
  } finally {
    await again.stop();
  }
});
