import { startApp, type TestApp } from '../support/app';
import { databaseKind } from '../support/database';
import { GRAPHS, aGraphOf } from '../support/graphs';
import { aSource, itemsOf, runsOf, sync } from '../support/sources';

/** More than a page of the list. */
const GRAPHS_MADE = 105;

// One database is enough: what is tried here is the other service.
(databaseKind === 'sqlite' ? describe : describe.skip)('the preset graphomat', () => {
  let app: TestApp;
  let other: TestApp;
  beforeAll(async () => {
    [app, other] = await Promise.all([startApp(), startApp()]);
  });
  afterAll(async () => {
    await app.close();
    await other.close();
  });

  it('pulls every graph of another service of this kind, byte for byte', async () => {
    const there = await other.aUser();
    for (let i = 0; i < GRAPHS_MADE; i += 1) await aGraphOf(there, `{ "i": ${i}.0 }`);
    const user = await app.aUser();
    const { email: username, password } = there.credentials!;
    const credentials = { username, password };
    const source = await aSource(user, {
      kind: 'http',
      url: other.url,
      options: { preset: 'graphomat' },
      credentials,
    });
    expect((await runsOf(user, source.id, 1))[0]).toMatchObject({
      created: GRAPHS_MADE,
      failed: 0,
      failure: null,
    });

    const [item] = await itemsOf(user, source.id);
    await there.put(`${GRAPHS}/${item!.remote_id}`, '{"config":{ "changed": 1e2 }}');
    expect(await sync(user, source.id)).toMatchObject({ changed: 1, unchanged: GRAPHS_MADE - 1 });
    expect((await user.get(`${GRAPHS}/${item!.graph_id}`)).configBytes.toString()).toBe('{ "changed": 1e2 }');
  });
});
