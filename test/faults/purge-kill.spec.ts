import { startChild } from '../support/child';
import { startApp, type TestApp } from '../support/app';
import { ApiClient } from '../support/client';
import { GRAPHS, aGraph } from '../support/graphs';
import { NOTHING_LEFT, lengthen, placeOf, rowsOn, type Place } from '../support/long-history';
import { expectProblem } from '../support/problem';
import { run } from '../support/retention';
import { countedUsage, keptUsage } from '../support/usage';

const KILLS = 5;
const VERSIONS = 20_000;

let app: TestApp;
afterEach(() => app.close());

/** Purges in a process of its own, which is killed as soon as so many versions have gone. */
async function purgeKilled(path: string, graph: Place, user: ApiClient, after: number): Promise<void> {
  const child = await startChild({
    DATA_DIR: app.place.dataDir,
    DATABASE_URL: app.place.databaseUrl,
    RETENTION_CRON: '0 0 1 1 *',
  });
  const { email, password } = user.credentials!;
  const owner = await new ApiClient(child.url).signIn(email, password);
  let going = true;
  const answer = owner
    .post(`${path}/purge`)
    .catch(() => undefined)
    .finally(() => (going = false));
  const left = async () => (await rowsOn(app.place, graph))['versions']!;
  while (going && (await left()) > VERSIONS - after) await new Promise((resolve) => setTimeout(resolve, 1));
  await child.stop('SIGKILL');
  await answer;
}

it('a purge that was killed in the middle is nowhere to be seen, and the next run finishes it', async () => {
  app = await startApp();
  const user = await app.aUser();
  const graphs: Array<{ path: string; place: Place }> = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const graph = await aGraph(user);
    const place = await placeOf(app.place, graph);
    const path = `${GRAPHS}/${graph.id}`;
    await user.delete(path);
    await lengthen(app, place, VERSIONS);
    graphs.push({ path, place });
  }
  const kept = await aGraph(user);
  await app.stop();
  for (const [kill, { path, place }] of graphs.entries())
    await purgeKilled(path, place, user, 1 + (kill * VERSIONS) / KILLS / 2);

  const again = await startApp({}, app.place);
  try {
    const owner = await again.anonymous.signIn(user.credentials!.email, user.credentials!.password);
    const broken = await Promise.all(graphs.map(({ place }) => rowsOn(app.place, place)));
    expect(broken.filter(({ versions }) => versions! > 0).length).toBeGreaterThan(0);
    for (const { path } of graphs) expectProblem(await owner.get(path), 404);
    expect((await owner.get(`${GRAPHS}?deleted=include`)).json()).toMatchObject([{ id: kept.id }]);
    expect(await keptUsage(app.place)).toEqual(await countedUsage(app.place));

    expect(await run(again, { dry_run: false, force: true })).toMatchObject({ status: 'done' });
    for (const { place } of graphs) expect(await rowsOn(app.place, place)).toEqual(NOTHING_LEFT);
    expect(await keptUsage(app.place)).toEqual(await countedUsage(app.place));
    expect((await owner.get(`${GRAPHS}/${kept.id}`)).status).toBe(200);
  } finally {
    await again.stop();
  }
}, 180_000);
