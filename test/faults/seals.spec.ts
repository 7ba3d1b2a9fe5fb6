import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SealVerificationService } from '../../src/audit/seal-verification.service';
import { SealsService } from '../../src/audit/seals.service';
import { Keyring } from '../../src/platform/crypto/keyring';
import { JobRunner } from '../../src/platform/jobs/job-runner';
import { startApp, type TestApp } from '../support/app';
import { runCli, spawnCli } from '../support/cli';
import type { ApiClient } from '../support/client';
import { databaseKind } from '../support/database';
import { aGraph } from '../support/graphs';
import { itOnSqlite } from '../support/on-sqlite';
import { expectProblem } from '../support/problem';
import { flipBit, rawSql } from '../support/raw-database';
import { passDays } from '../support/retention';

let app: TestApp;
let user: ApiClient;
beforeEach(async () => {
  app = await startApp();
  user = await app.aUser();
});
afterEach(() => app.close());

interface Result {
  intact: boolean;
  events: number;
  sealed_through: number;
  unsealed_events: number;
  first_bad_seq?: number;
  reason?: string;
}

async function seal(): Promise<void> {
  const { ended } = await app.service.app.get(JobRunner).trigger('seal');
  expect(await ended).toMatchObject({ status: 'done' });
}

async function verify(): Promise<Result> {
  return (await (await app.admin()).get('/api/v1/audit/verification')).json<Result>();
}

/** Some sealed events in several seals; their seqs. */
async function sealedJournal(): Promise<number[]> {
  for (let i = 0; i < 3; i += 1) {
    await aGraph(user);
    await aGraph(user);
    await seal();
  }
  return (await rawSql(app.place, 'SELECT seq FROM journal ORDER BY seq')).map(({ seq }) => Number(seq));
}

it('finds an unchanged journal intact, and says what is outside the proof', async () => {
  const seqs = await sealedJournal();
  await aGraph(user);
  const result = await verify();
  expect(result).toEqual({
    intact: true,
    events: seqs.length,
    sealed_through: seqs.at(-1),
    // The graph, and the administrator's sign-in.
    unsealed_events: 2,
  });
  expect(await spawnCli('audit-verify', [], app.place)).toMatchObject({
    code: 0,
    output: expect.stringContaining('INTACT'),
  });
  expectProblem(await user.get('/api/v1/audit/verification'), 403);
});

itOnSqlite.each([
  [
    'changed',
    (seq: number) => [`UPDATE journal SET ip = '203.0.113.9' WHERE seq = ${seq}`],
    'an event was changed',
  ],
  ['deleted', (seq: number) => [`DELETE FROM journal WHERE seq = ${seq}`], 'an event was removed'],
  [
    'put in the place of the next, and the other way round',
    (seq: number) => [
      `UPDATE journal SET seq = -1 WHERE seq = ${seq}`,
      `UPDATE journal SET seq = ${seq} WHERE seq = ${seq + 1}`,
      `UPDATE journal SET seq = ${seq + 1} WHERE seq = -1`,
    ],
    'an event was changed',
  ],
])('names the first event that was %s', async (_, sql, reason) => {
  const seqs = await sealedJournal();
  const seq = seqs[4]!;
  for (const statement of sql(seq)) await rawSql(app.place, statement);
  expect(await verify()).toMatchObject({ intact: false, first_bad_seq: seq, reason });
  const { code, output } = await runCli('audit-verify', [], app.place);
  expect(code).toBe(1);
  expect(output).toContain(`NOT INTACT from event ${seq} on: ${reason}`);
});

itOnSqlite('names the wrong key, and calls no event changed because of it', async () => {
  await sealedJournal();
  const wrong = { ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') };
  const { code, output } = await runCli('audit-verify', [], app.place, wrong);
  expect({ code, output }).toEqual({
    code: 2,
    output: expect.stringMatching(
      /^ENCRYPTION_KEY is not the key that this database was written with/,
    ) as string,
  });
});

itOnSqlite('names an event that was slipped in where a number had not been used', async () => {
  const seqs = await sealedJournal();
  const seq = seqs[3]!;
  await rawSql(app.place, `DELETE FROM journal WHERE seq = ${seq}`);
  await rawSql(app.place, 'DELETE FROM seals');
  rmSync(join(app.place.dataDir, 'audit-seal.json'));
  await seal();
  expect(await verify()).toMatchObject({ intact: true });
  await rawSql(app.place, `INSERT INTO journal (seq, at, action) VALUES (${seq}, 1, 200)`);
  expect(await verify()).toMatchObject({ intact: false, first_bad_seq: seq, reason: 'an event was added' });
});

itOnSqlite('finds a changed seal, a missing one, and one made by somebody without the key', async () => {
  await sealedJournal();
  const [row] = await rawSql(app.place, 'SELECT digest, from_seq FROM seals WHERE number = 2');
  const digest = row!['digest'] as Buffer;
  await rawSql(app.place, 'UPDATE seals SET digest = ? WHERE number = 2', [flipBit(digest, 9)]);
  expect(await verify()).toMatchObject({ intact: false, first_bad_seq: Number(row!['from_seq']) });
  await rawSql(app.place, 'UPDATE seals SET digest = ? WHERE number = 2', [digest]);
  expect(await verify()).toMatchObject({ intact: true });
  await rawSql(app.place, 'DELETE FROM seals WHERE number = 2');
  expect(await verify()).toMatchObject({ intact: false, reason: 'seal 2 is missing' });
});

itOnSqlite(
  'finds a tail that was cut off together with its seal, by what this machine remembers',
  async () => {
    const seqs = await sealedJournal();
    const [last] = await rawSql(app.place, 'SELECT from_seq FROM seals WHERE number = 3');
    await rawSql(app.place, `DELETE FROM journal WHERE seq >= ${Number(last!['from_seq'])}`);
    await rawSql(app.place, 'DELETE FROM seals WHERE number = 3');
    const result = await verify();
    expect(result).toMatchObject({ intact: false, reason: expect.stringContaining('truncated') });
    expect(result.first_bad_seq).toBe(Number(last!['from_seq']));
    expect(seqs).toContain(result.first_bad_seq);
  },
);

itOnSqlite(
  'goes on remembering what it saw, when sealing goes on over the place where the tail was',
  async () => {
    await sealedJournal();
    const [last] = await rawSql(app.place, 'SELECT from_seq FROM seals WHERE number = 3');
    await rawSql(app.place, `DELETE FROM journal WHERE seq >= ${Number(last!['from_seq'])}`);
    await rawSql(app.place, 'DELETE FROM seals WHERE number = 3');
    for (let seals = 0; seals < 3; seals += 1) {
      await aGraph(user);
      await seal();
    }
    expect(await verify()).toMatchObject({ intact: false, reason: expect.stringContaining('truncated') });
  },
);

itOnSqlite('finds both tables replaced by an older copy of themselves', async () => {
  await sealedJournal();
  const tables = ['journal', 'seals'];
  for (const table of tables) await rawSql(app.place, `CREATE TABLE old_${table} AS SELECT * FROM ${table}`);
  await aGraph(user);
  await seal();
  for (const table of tables) {
    await rawSql(app.place, `DELETE FROM ${table}`);
    await rawSql(app.place, `INSERT INTO ${table} SELECT * FROM old_${table}`);
  }
  expect(await verify()).toMatchObject({ intact: false, reason: expect.stringContaining('older copy') });
});

itOnSqlite('takes changed tags for what they are: the events still fit their seal', async () => {
  await sealedJournal();
  await rawSql(app.place, 'UPDATE seals SET tags = ? WHERE number = 2', [Buffer.from('no tags')]);
  expect(await verify()).toMatchObject({ intact: true });
});

it('lets everything else go on while many events are sealed, verified and removed', async () => {
  const EVENTS = 5_000;
  await rawSql(
    app.place,
    `INSERT INTO journal (seq, at, action) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${EVENTS})
     SELECT 1000 + i, 1000000000000, 200 FROM n`,
  );
  if (databaseKind === 'postgres') await rawSql(app.place, `SELECT setval('journal_seq_seq', 10000)`);
  let turns = 0;
  let watching = true;
  const watch = () => void (watching && ((turns += 1), setImmediate(watch)));
  watch();
  await seal();
  // Sealed, and then removed again, because they are older than AUDIT_RETENTION_DAYS.
  const sealing = turns;
  await seal();
  expect((await verify()).intact).toBe(true);
  watching = false;
  expect(sealing).toBeGreaterThan(EVENTS / 500);
  expect(turns - sealing).toBeGreaterThan(0);
});

itOnSqlite(
  'is verified every night; what is broken turns health and a metric until it is whole again',
  async () => {
    const seqs = await sealedJournal();
    const verifyByJob = async () => {
      const { ended } = await app.service.app.get(JobRunner).trigger('seal-verification');
      return (await ended).status;
    };
    expect(await verifyByJob()).toBe('done');
    expect((await app.anonymous.get('/health')).status).toBe(200);
    await rawSql(app.place, `UPDATE journal SET version = 99 WHERE seq = ${seqs[2]!}`);
    expect(await verifyByJob()).toBe('failed');
    const health = await app.anonymous.get('/health');
    expect(health.status).toBe(503);
    expect(health.json()).toMatchObject({
      error: { audit: { status: 'down', reason: expect.stringContaining(`from event ${seqs[2]} on`) } },
    });
    expect((await app.anonymous.get('/metrics')).text).toContain(
      'graphomat_job_runs_total{job_name="seal-verification",status="failed"} 1',
    );
  },
);

itOnSqlite('says when events wait too long for their seal', async () => {
  await sealedJournal();
  await aGraph(user);
  app.clock.advance(20 * 60_000);
  const health = await app.anonymous.get('/health');
  expect(health.json()).toMatchObject({ status: 'degraded', details: { audit: { degraded: true } } });
});

itOnSqlite('takes a witness file that is damaged for none', async () => {
  await sealedJournal();
  const file = join(app.place.dataDir, 'audit-seal.json');
  copyFileSync(file, `${file}.good`);
  writeFileSync(file, 'not a seal');
  expect(await verify()).toMatchObject({ intact: true });
  expect(readFileSync(`${file}.good`, 'utf8')).toMatch(/^\{"number":3,"digest":"[0-9a-f]{64}","at":\d+\}\n$/);
});

it('removes no event by a clock that has jumped ahead', async () => {
  const all = await sealedJournal();
  app.clock.set(401 * 86_400_000);
  await seal();
  const left = await rawSql(app.place, 'SELECT seq FROM journal ORDER BY seq');
  expect(left.map(({ seq }) => Number(seq)).filter((seq) => all.includes(seq))).toEqual(all);
});

it('takes no event for removed that expires after its seal has been read', async () => {
  await sealedJournal();
  await passDays(app, 401);
  const keyring = app.service.app.get(Keyring);
  const serviceKey = keyring.serviceKey.bind(keyring);
  jest.spyOn(keyring, 'serviceKey').mockImplementationOnce(async () => {
    await seal();
    return serviceKey();
  });
  const verified = await app.service.app.get(SealVerificationService).run();
  expect(verified).toMatchObject({ intact: true, reason: null });
  const expired = await rawSql(app.place, 'SELECT number FROM seals WHERE expired_at IS NOT NULL');
  expect(expired).toHaveLength(3);
});

it('removes events past their age only behind a seal, and goes on proving the rest', async () => {
  const old = await sealedJournal();
  await passDays(app, 401);
  user = await app.anonymous.signIn(user.credentials!.email, user.credentials!.password);
  await aGraph(user);
  const [before] = await rawSql(app.place, 'SELECT COUNT(*) AS n FROM journal');
  await seal();
  const left = (await rawSql(app.place, 'SELECT seq FROM journal ORDER BY seq')).map(({ seq }) =>
    Number(seq),
  );
  expect(left.filter((seq) => old.includes(seq))).toEqual([]);
  expect(left.length).toBe(Number(before!['n']) - old.length);
  expect(await verify()).toMatchObject({ intact: true, events: left.length });

  // A person who can only write tables can't let events expire.
  await rawSql(
    app.place,
    `UPDATE seals SET expired_at = 1, expiry_digest = digest, tags = NULL WHERE number = 4`,
  );
  await rawSql(app.place, `DELETE FROM journal WHERE seq IN (${left.join(', ')})`);
  expect(await verify()).toMatchObject({
    intact: false,
    reason: 'events were removed, but not by the service',
  });
});

it('seals nothing that is not there, and every event once, however often it runs', async () => {
  await aGraph(user);
  await seal();
  await seal();
  await seal();
  const seals = await rawSql(app.place, 'SELECT number, events FROM seals');
  expect(seals).toHaveLength(1);
  expect(await app.service.app.get(SealsService).sealedThrough()).toMatchObject({ number: 1 });
});

const onPostgres = databaseKind === 'postgres' ? it : it.skip;
onPostgres('skips no event whose transaction was held open (SQLite has one writer)', async () => {
  const { Client } = await import('pg');
  const client = new Client({ connectionString: app.place.databaseUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query<{ seq: string }>(
      'INSERT INTO journal (at, action) VALUES (1, 200) RETURNING seq',
    );
    const held = Number(rows[0]!.seq);
    await aGraph(user);
    await seal();
    const sealed = await rawSql(app.place, 'SELECT MAX(to_seq) AS last FROM seals');
    expect(Number(sealed[0]!['last'] ?? 0)).toBeLessThan(held);
    await client.query('COMMIT');
    await seal();
    const result = await verify();
    expect(result.intact).toBe(true);
    expect(result.sealed_through).toBeGreaterThan(held);
    const [counted] = await rawSql(app.place, 'SELECT COUNT(*) AS n FROM journal WHERE seq <= ?', [
      result.sealed_through,
    ]);
    expect(result.events).toBe(Number(counted!['n']));
  } finally {
    await client.end();
  }
});
