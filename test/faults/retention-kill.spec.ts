import { startApp, type TestApp } from '../support/app';
import { runCli, spawnCli } from '../support/cli';
import type { ApiClient } from '../support/client';
import { GRAPHS, sha256, versionsOf } from '../support/graphs';
import { KILLABLE, killPoint, countedIn, type KillPoint } from '../support/killed';
import { rawSql } from '../support/raw-database';
import { aHistory } from '../support/retention';

/** Where runs are killed that purge, then prune, each on what the one before has left. */
const KILLS_WHILE_REMOVING = [1, 6, 11, 36, 40, 44, 48, 52, 75];
/** Counted from the first graph that is packed. */
const KILLS_WHILE_PACKING = [1, 4, 9];
/** The first statement that removes versions, and the first after the last that does. */
const REMOVAL = 'DELETE FROM versions';
const PACKING = 'DELETE FROM idempotency_keys';
const PRUNED = 12;
const VERSIONS = 45;

/** What must be left of each graph: versions by the hash of what they hold. */
type Expected = Map<string, Map<number, string>>;

async function expectedOf(user: ApiClient, ids: readonly string[]): Promise<Expected> {
  const expected: Expected = new Map();
  for (const id of ids) {
    const kept = (await versionsOf(user, id)).filter(
      ({ version, pinned }) => pinned || version > VERSIONS - 2,
    );
    expected.set(id, new Map(kept.map(({ version, config_sha256 }) => [version, config_sha256])));
  }
  return expected;
}

async function versionsInDatabase(app: TestApp): Promise<number> {
  return Number((await rawSql(app.place, 'SELECT COUNT(*) AS n FROM versions'))[0]!['n']);
}

/** Runs the tool on the data of a stopped service, which is killed at a step; whether it was killed. */
async function killedDuring(app: TestApp, point: KillPoint): Promise<boolean> {
  const { output } = await spawnCli('retention', ['--force'], app.place, {
    NODE_OPTIONS: KILLABLE.join(' '),
    ...killPoint(point),
  });
  return countedIn(output) === null;
}

/** Nothing that must be kept is missing, and every chain reads back. */
async function expectWhole(app: TestApp, expected: Expected): Promise<void> {
  for (const [id, versions] of expected) {
    const rows = await rawSql(
      app.place,
      'SELECT v.version FROM versions v JOIN graphs g ON g.user_key = v.user_key AND g.key = v.graph_key WHERE g.id = ?',
      [Buffer.from(id.replaceAll('-', ''), 'hex')],
    );
    const present = new Set(rows.map(({ version }) => Number(version)));
    expect([...versions.keys()].filter((version) => !present.has(version))).toEqual([]);
  }
  expect(await runCli('check', [], app.place)).toMatchObject({ code: 0 });
}

it('killed at twelve places it carries on, loses no kept version and leaves no half chain', async () => {
  const app = await startApp();
  try {
    const user = await app.aUser();
    const ids: string[] = [];
    for (let graph = 0; graph < PRUNED + 2; graph += 1) ids.push((await aHistory(app, user, VERSIONS, 0)).id);
    const toRemove = ids.splice(PRUNED);
    for (const id of toRemove) await user.delete(`${GRAPHS}/${id}`);
    // Every third is kept, so that most of what is left stood on something that goes.
    await rawSql(app.place, 'UPDATE versions SET pinned = 1 WHERE version % 3 = 0');
    const policy = {
      keep_last: 2,
      keep_within_hours: 0,
      keep_daily: 0,
      keep_weekly: 0,
      keep_monthly: 0,
      keep_yearly: 0,
    };
    await user.put('/api/v1/backup-policy', policy);
    await rawSql(app.place, 'UPDATE graphs SET purge_at = deleted_at + 1 WHERE deleted_at IS NOT NULL');
    const expected = await expectedOf(user, ids);
    await app.stop();

    const left = [...expected.values()].reduce((sum, versions) => sum + versions.size, 0);
    const points = [
      ...KILLS_WHILE_REMOVING.map((at) => ({ at, from: REMOVAL })),
      ...KILLS_WHILE_PACKING.map((at) => ({ at, from: PACKING })),
    ];
    for (const [kill, point] of points.entries()) {
      expect([point, await killedDuring(app, point)]).toEqual([point, true]);
      if (kill % 4 === 3) await expectWhole(app, expected);
      // As if the time of the dead run's lease had passed.
      await rawSql(app.place, 'UPDATE jobs SET expires_at = 0');
    }
    expect(await spawnCli('retention', ['--force'], app.place)).toMatchObject({ code: 0 });
    await expectWhole(app, expected);
    expect(await versionsInDatabase(app)).toBe(left);
    expect(await rawSql(app.place, 'SELECT * FROM graph_chores WHERE kind < 2')).toEqual([]);

    const again = await startApp({}, app.place);
    const owner = await again.anonymous.signIn(user.credentials!.email, user.credentials!.password);
    for (const [id, versions] of expected) {
      for (const [version, hash] of versions)
        expect(sha256((await owner.get(`${GRAPHS}/${id}/versions/${version}`)).configBytes)).toBe(hash);
    }
    await again.stop();
  } finally {
    await app.close();
  }
});
