import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JobRunner } from '../../src/platform/jobs/job-runner';
import { UnitOfWork } from '../../src/platform/database/unit-of-work';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { databaseKind } from '../support/database';
import { GRAPHS, aGraph, aGraphOf } from '../support/graphs';
import { namesOf, samplesOf, valueIn } from '../support/metrics';
import { flipBit, rawSql } from '../support/raw-database';
import { aHistory, run, LAST_TWO } from '../support/retention';
import { aSource } from '../support/sources';
import { FLOW_OPTIONS, FlowServer } from '../support/tools/fake-tool';
import { runJob } from '../support/usage';
import { aReceiver, aWebhook, deliverNow } from '../support/webhooks';
import { copyNow, runsOf, verifyNow } from '../support/vault';
import { PATIENCE_MS, until } from '../support/within';

let app: TestApp;
let user: ApiClient;
beforeEach(async () => {
  app = await startApp();
  user = await app.aUser();
});
afterEach(() => app.close());

const vault = () => join(app.place.dataDir, 'vault');
const onPostgres = databaseKind === 'postgres';

/** Runs `during` while the database's writer, and so everybody's writes, waits. */
async function whileWritesWait(during: () => Promise<void>): Promise<void> {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const unitOfWork = app.service.app.get(UnitOfWork);
  let begun = 0;
  const writes = Array.from({ length: 3 }, () => unitOfWork.write(() => ((begun += 1), held)));
  await until(PATIENCE_MS, 'writes that wait', () => begun === (onPostgres ? 3 : 1) || undefined);
  await during();
  release();
  await Promise.all(writes);
}

async function damageVersion(id: string, version: number): Promise<void> {
  const graph = Buffer.from(id.replaceAll('-', ''), 'hex');
  const place = 'version = ? AND graph_key = (SELECT key FROM graphs WHERE id = ?)';
  const [row] = await rawSql(app.place, `SELECT frame FROM versions WHERE ${place}`, [version, graph]);
  const damaged = flipBit(row!['frame'] as Buffer, 20);
  await rawSql(app.place, `UPDATE versions SET frame = ? WHERE ${place}`, [damaged, version, graph]);
}

/** A mail that was requested a minute ago and is tried for so many ms from now on. */
async function aMail(triedFor: number): Promise<void> {
  const now = app.clock.now();
  await rawSql(
    app.place,
    'INSERT INTO mails (user_key, kind, reference, created_at, next_attempt_at, expires_at, attempts) VALUES (1, 0, ?, ?, ?, ?, 0)',
    ['', now - 60_000, now, now + triedFor],
  );
}

/**
 * What makes metrics move, and which: a name, or a name with labels. `at` is called with a look at /metrics in the
 * middle of it, where what moves is only there as long as something goes on.
 */
const CAUSES: Record<string, { do: (look: () => Promise<void>) => Promise<void>; moves: string[] }> = {
  'a mail waits': {
    do: () => aMail(60_000),
    moves: [
      'graphomat_mails_waiting{kind="password-reset"}',
      'graphomat_mail_oldest_seconds{kind="password-reset"}',
    ],
  },
  'an alert begins': {
    do: async () => {
      app.clock.advance(6 * 60_000);
      await (
        await app.service.app.get(JobRunner).trigger('alerts')
      ).ended;
    },
    moves: ['graphomat_alert_active{condition="backup.stale"}'],
  },
  'a mail is given up': {
    do: async () => {
      await aMail(-1);
      await (
        await app.service.app.get(JobRunner).trigger('mail')
      ).ended;
    },
    moves: ['graphomat_mails_total{kind="password-reset",outcome="given_up"}'],
  },
  'a graph is written': {
    do: async () => {
      await aGraph(user, { config: { nodes: [1] } });
      app.clock.advance(1_000);
    },
    moves: [
      'graphomat_http_request_duration_seconds_count{method="POST",route="/api/v1/graphs",status="201"}',
      'graphomat_http_request_duration_seconds_sum',
      'graphomat_http_request_duration_seconds_bucket',
      'graphomat_journal_events_total{action="graph.created"}',
      'graphomat_version_bytes_total{kind="in"}',
      'graphomat_version_bytes_total{kind="stored"}',
      'graphomat_database_commits_total',
      'graphomat_database_units_total',
      'graphomat_backup_pending_versions',
      'graphomat_backup_lag_seconds',
    ],
  },
  'something is not found': {
    do: async () => void (await user.get(`${GRAPHS}/none`)),
    moves: ['graphomat_http_problems_total{code="not-found"}'],
  },
  'somebody signs in': {
    do: async () => void (await user.signInAgain()),
    moves: ['graphomat_sign_ins_total{outcome="ok"}'],
  },
  'somebody tries a wrong password': {
    do: async () =>
      void (await app.anonymous.post('/api/v1/auth/login', {
        email: 'unknown@test.example',
        password: 'wrong one',
      })),
    moves: ['graphomat_sign_ins_total{outcome="refused"}'],
  },
  'writes wait': {
    do: whileWritesWait,
    moves: [
      'graphomat_database_writes_waiting',
      ...(onPostgres ? ['graphomat_database_connections{state="busy"}'] : []),
    ],
  },
  'everything is copied, and read back': {
    do: async () => {
      await aGraphOf(user, JSON.stringify({ text: 'x'.repeat(100_000) }));
      expect(await copyNow(app)).toBe('done');
      app.clock.advance(61_000);
    },
    moves: [
      'graphomat_backup_runs_total{kind="full",status="stored"}',
      'graphomat_backup_bytes_total{kind="full"}',
      'graphomat_backup_run_duration_seconds_count{kind="full"}',
      'graphomat_backup_run_duration_seconds_sum',
      'graphomat_backup_run_duration_seconds_bucket',
      'graphomat_backup_last_success_timestamp_seconds',
      'graphomat_backup_stored_bytes',
      'graphomat_backup_objects',
      'graphomat_backup_verifications_total{status="verified"}',
      'graphomat_backup_verification_duration_seconds_count',
      'graphomat_backup_verification_duration_seconds_sum',
      'graphomat_backup_verification_duration_seconds_bucket',
      'graphomat_backup_last_verification_timestamp_seconds',
      'graphomat_backup_last_verification_status{status="verified"}',
      'graphomat_backup_recovery_seconds',
      'graphomat_job_runs_total{job_name="vault-copy",status="done"}',
      'graphomat_job_last_start_timestamp_seconds{job_name="vault-copy"}',
      'graphomat_job_last_success_timestamp_seconds{job_name="vault-copy"}',
    ],
  },
  'there is nothing new to copy': {
    do: async () => {
      for (let copies = 0; copies < 3; copies += 1) expect(await copyNow(app)).toBe('done');
    },
    moves: ['graphomat_backup_runs_total{kind="incremental",status="nothing_new"}'],
  },
  'the vault is gone, and a copy and a verification fail': {
    do: async () => {
      await copyNow(app);
      renameSync(vault(), `${vault()}-away`);
      writeFileSync(vault(), 'no folder');
      await aGraph(user);
      expect(await copyNow(app)).toBe('failed');
      expect(await verifyNow(app)).toBe('failed');
    },
    moves: [
      'graphomat_backup_runs_total{kind="incremental",status="failed"}',
      'graphomat_backup_verifications_total{status="failed"}',
      'graphomat_backup_last_verification_status{status="failed"}',
      'graphomat_job_runs_total{job_name="vault-copy",status="failed"}',
      'graphomat_job_last_failed{job_name="vault-copy"}',
      'graphomat_job_last_failed{job_name="vault-verify"}',
    ],
  },
  'copies are damaged': {
    do: async () => {
      await copyNow(app);
      const object = join(vault(), (await runsOf(await app.admin()))[0]!.object!);
      writeFileSync(object, flipBit(readFileSync(object), 700));
      expect(await verifyNow(app)).toBe('failed');
    },
    moves: [
      'graphomat_backup_verifications_total{status="corrupt"}',
      'graphomat_backup_last_verification_status{status="corrupt"}',
      'graphomat_job_runs_total{job_name="vault-verify",status="failed"}',
    ],
  },
  'retention holds a changed policy': {
    do: async () => {
      const graph = await aHistory(app, user, 9);
      await user.put(`${GRAPHS}/${graph.id}/backup-policy`, LAST_TWO);
      expect((await run(app, { dry_run: false })).status).toBe('held');
    },
    moves: [
      'graphomat_retention_last_status{status="held"}',
      'graphomat_retention_last_held_policies',
      'graphomat_retention_last_start_timestamp_seconds',
      'graphomat_retention_last_duration_seconds',
    ],
  },
  'retention removes versions, and skips a damaged graph': {
    do: async () => {
      for (const bytes of [400_000, 10]) {
        const { id } = await aGraphOf(user, JSON.stringify({ text: randomText(bytes) }));
        for (let step = 0; step < 6; step += 1)
          await user.put(`${GRAPHS}/${id}`, { config: { step, text: randomText(bytes) } });
        await user.put(`${GRAPHS}/${id}/backup-policy`, LAST_TWO);
      }
      const damaged = await aHistory(app, user, 4);
      await damageVersion(damaged.id, 3);
      await user.put(`${GRAPHS}/${damaged.id}/backup-policy`, LAST_TWO);
      expect((await run(app, { dry_run: false, force: true })).status).toBe('incomplete');
    },
    moves: [
      'graphomat_retention_last_status{status="incomplete"}',
      'graphomat_retention_last_planned_versions',
      'graphomat_retention_last_removed_versions',
      'graphomat_retention_last_removed_bytes',
      ...(onPostgres ? [] : ['graphomat_retention_last_freed_bytes']),
      'graphomat_retention_last_failed_graphs',
    ],
  },
  'a damaged version is read': {
    do: async () => {
      const { id } = await aHistory(app, user, 2);
      await damageVersion(id, 1);
      expect((await user.get(`${GRAPHS}/${id}/versions/1`)).status).toBe(500);
    },
    moves: ['graphomat_versions_damaged_total', 'graphomat_http_problems_total{code="version-damaged"}'],
  },
  'what is stored is summed up': {
    do: async () => {
      await aGraph(user);
      expect(await runJob(app, 'usage')).toBe('done');
    },
    moves: [
      ...['users', 'graphs', 'versions'].map((kind) => `graphomat_stored_rows{kind="${kind}"}`),
      ...['configs', 'frames', 'heads'].map((kind) => `graphomat_stored_bytes{kind="${kind}"}`),
    ],
  },
  'counters have drifted': {
    do: async () => {
      await aGraph(user);
      await rawSql(app.place, 'UPDATE user_usage SET config_bytes = config_bytes + 7');
      expect(await runJob(app, 'usage-check')).toBe('done');
    },
    moves: ['graphomat_usage_drifted_users_total', 'graphomat_usage_drift_bytes_total'],
  },
  'a source is read, and one fails': {
    do: async (look) => {
      const server = await FlowServer.start();
      server.put('one', '{}');
      await aSource(user, { kind: 'http', url: server.url, options: FLOW_OPTIONS });
      await server.close();
      await aSource(user, { kind: 'http', url: 'http://127.0.0.1:9' });
      app.clock.advance(6 * 60_000);
      await look();
    },
    moves: [
      'graphomat_source_runs_total{status="done"}',
      'graphomat_source_runs_total{status="failed"}',
      'graphomat_source_items_total{outcome="created"}',
      'graphomat_source_lag_seconds',
      'graphomat_sources_failing',
    ],
  },
  'a message reaches a webhook, and one does not': {
    do: async (look) => {
      const receiver = await aReceiver();
      await aWebhook(user, receiver.url);
      await aWebhook(user, 'http://127.0.0.1:9');
      await aGraph(user);
      await deliverNow(app);
      await receiver.close();
      app.clock.advance(60_000);
      await look();
    },
    moves: [
      'graphomat_webhook_attempts_total{outcome="delivered"}',
      'graphomat_webhook_attempts_total{outcome="failed"}',
      'graphomat_webhook_lag_seconds',
      'graphomat_webhooks_failing',
    ],
  },
  'a job runs': {
    do: async (look) => {
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      const work = () => held.then(() => ({}));
      const { ended } = await app.service.app.get(JobRunner).trigger('usage', work);
      await look();
      release();
      await ended;
    },
    moves: ['graphomat_job_running{job_name="usage"}'],
  },
  'the disk is written': {
    do: () => {
      writeFileSync(join(app.place.dataDir, 'ballast'), Buffer.alloc(8_000_000, 1));
      return Promise.resolve();
    },
    moves: ['graphomat_disk_bytes{kind="free"}'],
  },
};

const randomText = (bytes: number) => randomBytes(bytes / 2).toString('hex');

/** On PostgreSQL those of which the database decides a figure; the others move by the same code and statements. */
const OF_DATABASE = [
  'a graph is written',
  'writes wait',
  'retention removes versions, and skips a damaged graph',
  'what is stored is summed up',
  'counters have drifted',
];

it.each(onPostgres ? OF_DATABASE : Object.keys(CAUSES))('metrics move when %s', async (name) => {
  const cause = CAUSES[name]!;
  const before = await samplesOf(app);
  let after: typeof before | undefined;
  await cause.do(async () => void (after = await samplesOf(app)));
  after ??= await samplesOf(app);
  const still = cause.moves.filter((metric) => valueIn(after!, metric) === valueIn(before, metric));
  expect(still).toEqual([]);
  // They were not missing before: an alert sees no increase of a counter that begins with 1.
  const born = cause.moves.filter(
    (metric) => metric.includes('status="failed"') && valueIn(before, metric) === null,
  );
  expect(born).toEqual([]);
});

it('metrics move when somebody is throttled', async () => {
  const throttled = await startApp({ THROTTLE_LOGIN_PER_MINUTE: '2', THROTTLE_PER_MINUTE: '10' });
  try {
    const attempt = { email: 'unknown@test.example', password: 'wrong one' };
    for (let tries = 0; tries < 14; tries += 1) await throttled.anonymous.post('/api/v1/auth/login', attempt);
    const samples = await samplesOf(throttled);
    expect(valueIn(samples, 'graphomat_sign_ins_total{outcome="throttled"}')).toBe(8);
    expect(valueIn(samples, 'graphomat_requests_throttled_total')).toBe(4);
  } finally {
    await throttled.close();
  }
});

it('every metric is in docs/metrics.md, every one there is exported, and every one changes', async () => {
  await copyNow(app);
  const { text } = await app.anonymous.get('/metrics');
  const exported = namesOf(text).filter((name) => name.startsWith('graphomat_'));
  const page = readFileSync(join(__dirname, '..', '..', 'docs', 'metrics.md'), 'utf8');
  const documented = [...page.matchAll(/^\| `(graphomat_\w+)`/gm)].map(([, name]) => name!);
  expect(documented.sort()).toEqual(exported.sort());

  // In faults/disk-full.spec.ts: graphomat_disk_full.
  const elsewhere = ['graphomat_requests_throttled_total', 'graphomat_build_info', 'graphomat_disk_full'];
  if (onPostgres) elsewhere.push('graphomat_retention_last_freed_bytes');
  else elsewhere.push('graphomat_database_connections');
  const moving = Object.values(CAUSES).flatMap(({ moves }) =>
    moves.map((metric) => baseOf(metric, exported)),
  );
  expect([...new Set([...moving, ...elsewhere])].sort()).toEqual(exported);
});

it('lists the jobs that there are', async () => {
  const page = readFileSync(join(__dirname, '..', '..', 'docs', 'metrics.md'), 'utf8');
  const listed = [...(/^`job_name` is one of (.*)$/m.exec(page)?.[1] ?? '').matchAll(/`([\w-]+)`/g)];
  const jobs = (await samplesOf(app))
    .filter(({ name }) => name === 'graphomat_job_running')
    .map(({ labels }) => /job_name="([^"]+)"/.exec(labels)![1]!);
  expect(listed.map(([, job]) => job).sort()).toEqual(jobs.sort());
});

it('says nothing of jobs that this program does not have, whose records are still there', async () => {
  const columns = 'job_id, fence, status, started_at, finished_at';
  await rawSql(app.place, `INSERT INTO job_runs (${columns}) VALUES ('gone-job', 1, 'done', 1, 2)`);
  expect((await app.anonymous.get('/metrics')).text).not.toContain('gone-job');
});

it('answers with the figures of the process while the database is away', async () => {
  await rawSql(app.place, 'DROP TABLE vault_state');
  rmSync(app.place.dataDir, { recursive: true, force: true });
  const answer = await app.anonymous.get('/metrics');
  expect(answer.status).toBe(200);
  expect(answer.text).toContain('graphomat_build_info');
});

/** The exported name that a moving sample belongs to. */
function baseOf(metric: string, exported: readonly string[]): string {
  const name = /^\w+/.exec(metric)![0];
  return exported.includes(name) ? name : name.replace(/_(count|sum|bucket)$/, '');
}
