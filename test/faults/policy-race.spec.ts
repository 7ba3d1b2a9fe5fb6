import { Client } from 'pg';
import { AccountsService } from '../../src/auth/accounts.service';
import { UnitOfWork } from '../../src/platform/database/unit-of-work';
import { PoliciesService } from '../../src/retention/policies.service';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { databaseKind } from '../support/database';
import { GRAPHS, versionsOf } from '../support/graphs';
import { LAST_TWO, aHistory, run } from '../support/retention';
import { untilWaiting } from '../support/waiting';

const KEEP_ALL = { keep_last: 100 };

// On SQLite there is one write transaction at a time, so there is nothing to race.
const onPostgres = databaseKind === 'postgres' ? describe : describe.skip;

onPostgres('a policy that is changed while a prune is under way', () => {
  let app: TestApp;
  let user: ApiClient;
  let raw: Client;

  beforeEach(async () => {
    app = await startApp();
    user = await app.aUser();
    raw = new Client({ connectionString: app.place.databaseUrl });
    await raw.connect();
    await aHistory(app, user, 15);
  });
  afterEach(async () => {
    await raw.end();
    await app.close();
  });

  it('wins once it is answered, though the prune had selected its versions by the old one', async () => {
    const graph = await aHistory(app, user, 9);
    await user.put(`${GRAPHS}/${graph.id}/backup-policy`, LAST_TWO);
    // The change has written the policy and waits for the graph's row; the prune comes second.
    await raw.query('BEGIN');
    await raw.query('SELECT key FROM graphs WHERE id = $1 FOR UPDATE', [
      Buffer.from(graph.id.replaceAll('-', ''), 'hex'),
    ]);
    const changing = user.put(`${GRAPHS}/${graph.id}/backup-policy`, KEEP_ALL);
    await untilWaiting(app.place, 1);
    const running = run(app, { dry_run: false });
    await untilWaiting(app.place, 2);
    await raw.query('COMMIT');
    expect((await changing).status).toBe(200);
    expect(await running).toMatchObject({ versions_pruned: 0 });
    expect((await versionsOf(user, graph.id)).length).toBe(9);
  });

  it('is answered after a prune that has compared the policy already', async () => {
    const { key } = await app.service.app.get(AccountsService).find(user.userId!);
    const policies = app.service.app.get(PoliciesService);
    const order: string[] = [];
    let begun = () => undefined as void;
    let release = () => undefined as void;
    const compared = new Promise<void>((resolve) => (begun = resolve));
    const held = new Promise<void>((resolve) => (release = resolve));
    const pruning = app.service.app.get(UnitOfWork).write(async (em) => {
      order.push(`current: ${await policies.isCurrent(em, key, 0, '')}`);
      begun();
      await held;
      order.push(`still current: ${await policies.isCurrent(em, key, 0, '')}`);
    });
    const changing = compared
      .then(() => user.put('/api/v1/backup-policy', KEEP_ALL))
      .then(({ status }) => order.push(`changed: ${status}`));
    await untilWaiting(app.place, 1);
    release();
    await Promise.all([pruning, changing]);
    expect(order).toEqual(['current: true', 'still current: true', 'changed: 200']);
  });
});
