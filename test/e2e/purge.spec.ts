import { VersionsStore } from '../../src/versions/versions.store';
import { AccountRemovals } from '../../src/platform/access/account-removals';
import { UnitOfWork } from '../../src/platform/database/unit-of-work';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraph } from '../support/graphs';
import { NOTHING_LEFT, lengthen, placeOf, rowsOn } from '../support/long-history';
import { expectProblem } from '../support/problem';
import { rawSql } from '../support/raw-database';
import { LAST_TWO, run } from '../support/retention';
import { countedUsage, keptUsage, runJob } from '../support/usage';

const VERSIONS = 1_300;

let app: TestApp;
let user: ApiClient;
beforeEach(async () => {
  app = await startApp();
  user = await app.aUser();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await app.close();
});

/** A graph in the bin, with a policy of its own and a long history. */
async function aLongGraph(owner = user) {
  const graph = await aGraph(owner);
  await owner.put(`${GRAPHS}/${graph.id}/backup-policy`, LAST_TWO);
  await owner.delete(`${GRAPHS}/${graph.id}`);
  const place = await placeOf(app.place, graph);
  await lengthen(app, place, VERSIONS);
  return { ...graph, place, path: `${GRAPHS}/${graph.id}` };
}

const expectCountersRight = async () =>
  expect(await keptUsage(app.place)).toEqual(await countedUsage(app.place));

/** The most versions that one transaction has removed. */
function largestStep(): () => number {
  let current = 0;
  let largest = 0;
  const store = VersionsStore.prototype;
  const remove = store.remove.bind(app.service.app.get(VersionsStore, { strict: false }));
  jest.spyOn(store, 'remove').mockImplementation((em, place, versions) => {
    largest = Math.max(largest, (current += versions.length));
    return remove(em, place, versions);
  });
  const unitOfWork = app.service.app.get(UnitOfWork, { strict: false });
  const write = unitOfWork.write.bind(unitOfWork);
  jest.spyOn(unitOfWork, 'write').mockImplementation((work) => ((current = 0), write(work)));
  return () => largest;
}

/** From now on no step after the first one of a removal is written, as if the process had died there. */
function dieAfterOneStep(): void {
  const store = app.service.app.get(VersionsStore, { strict: false });
  const ages = store.ages.bind(store);
  let steps = 0;
  jest.spyOn(store, 'ages').mockImplementation((...args) => {
    if ((steps += 1) > 1) throw new Error('the process died here');
    return ages(...args);
  });
}

it('removes a long history in steps, with everything that stands on the graph, and counts right', async () => {
  const graph = await aLongGraph();
  const kept = await aGraph(user);
  const largest = largestStep();
  expect((await user.post(`${graph.path}/purge`)).status).toBe(204);
  expect(largest()).toBeLessThanOrEqual(500);
  expect(await rowsOn(app.place, graph.place)).toEqual(NOTHING_LEFT);
  await expectCountersRight();
  expect((await user.get(`${GRAPHS}/${kept.id}`)).status).toBe(200);
});

it('that breaks off in the middle is nowhere to be seen, and is finished by the next run', async () => {
  const graph = await aLongGraph();
  dieAfterOneStep();
  expect((await user.post(`${graph.path}/purge`)).status).toBe(500);
  jest.restoreAllMocks();
  expect((await rowsOn(app.place, graph.place))['versions']).toBeGreaterThan(500);
  await expectCountersRight();
  for (const path of ['', '/versions', '/versions/7', '/backup-policy'])
    expectProblem(await user.get(`${graph.path}${path}`), 404);
  for (const path of ['recover', 'purge']) expectProblem(await user.post(`${graph.path}/${path}`), 404);
  expect((await user.get(`${GRAPHS}?deleted=include`)).json()).toEqual([]);

  expect(await run(app, { dry_run: false })).toMatchObject({ status: 'done', graphs_failed: 0 });
  expect(await rowsOn(app.place, graph.place)).toEqual(NOTHING_LEFT);
  await expectCountersRight();
});

it('of a deleted account goes in steps, and goes on with what an earlier attempt has left', async () => {
  const graphs = [await aLongGraph(), await aLongGraph()];
  const other = await app.aUser();
  const theirs = await aLongGraph(other);
  expect((await (await app.admin()).delete(`/api/v1/users/${user.userId}`)).status).toBe(204);
  const account = { key: graphs[0]!.place.user_key, id: user.userId! };

  dieAfterOneStep();
  const removals = app.service.app.get(AccountRemovals);
  await expect(removals.run(account, new AbortController().signal)).rejects.toThrow('died');
  jest.restoreAllMocks();
  expect((await rowsOn(app.place, graphs[0]!.place))['versions']).toBeGreaterThan(500);

  const largest = largestStep();
  expect(await runJob(app, 'housekeeping')).toBe('done');
  expect(largest()).toBeLessThanOrEqual(500);
  for (const { place } of graphs) expect(await rowsOn(app.place, place)).toEqual(NOTHING_LEFT);
  expect(await rowsOn(app.place, theirs.place)).toMatchObject({ versions: VERSIONS, policies: 1 });
  await expectCountersRight();
});

it('stops between two steps when the service stops, and nothing is lost of what is owed', async () => {
  const graph = await aLongGraph();
  expect((await (await app.admin()).delete(`/api/v1/users/${user.userId}`)).status).toBe(204);
  const stop = new AbortController();
  const store = app.service.app.get(VersionsStore, { strict: false });
  const ages = store.ages.bind(store);
  jest
    .spyOn(store, 'ages')
    .mockImplementation((...args) => (stop.abort(new Error('stopping')), ages(...args)));
  const account = { key: graph.place.user_key, id: user.userId! };
  await expect(app.service.app.get(AccountRemovals).run(account, stop.signal)).rejects.toThrow('stopping');
  const owed = await rawSql(app.place, `SELECT kind FROM graph_chores WHERE user_key = ${account.key}`);
  expect(owed).toEqual([{ kind: 0 }]);
  expect(await runJob(app, 'housekeeping')).toBe('done');
  expect(await rowsOn(app.place, graph.place)).toEqual(NOTHING_LEFT);
});
