import { JobRunner } from '../../src/platform/jobs/job-runner';
import { startApp, type TestApp } from '../support/app';
import { ADMIN } from '../support/app';
import type { ApiClient } from '../support/client';
import { databaseKind } from '../support/database';
import { aGraph } from '../support/graphs';
import { rawSql } from '../support/raw-database';
import { MAIL_SETTINGS, headerOf, partOf, startSmtp, type TestSmtp } from '../support/smtp';
import { until } from '../support/within';
import { copyNow } from '../support/vault';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const PATIENCE_MS = 30_000;

interface Announced {
  details: { type: string; state: string; reason: string | null };
}

let smtp: TestSmtp;
let app: TestApp;
let settings: Record<string, string>;
beforeAll(async () => {
  smtp = await startSmtp();
  settings = { SMTP_URL: smtp.url, ...MAIL_SETTINGS };
});
beforeEach(async () => {
  smtp.received.length = 0;
  app = await startApp(settings);
});
afterEach(() => app.close());
afterAll(() => smtp.close());

/** Runs a job, after a run that was started by something else. */
async function run(job: string, on = app) {
  const runner = on.service.app.get(JobRunner);
  const started = await until(PATIENCE_MS, job, () => runner.trigger(job).catch(() => undefined));
  return (await started.ended).summary;
}

/** What was announced, the oldest first: webhooks are fed from it. */
async function announced(): Promise<Array<Announced['details']>> {
  const admin = await app.admin();
  const events = await admin.get('/api/v1/audit?action=notification.announced&limit=100');
  return events
    .json<Announced[]>()
    .map(({ details }) => details)
    .reverse();
}
const wordsOf = (events: Array<Announced['details']>) => events.map(({ type, state }) => `${type} ${state}`);

/** Sends all mails that wait, and returns their subjects by recipient. */
async function delivered(on = app): Promise<string[]> {
  await run('mail', on);
  const waiting = await rawSql(app.place, 'SELECT kind FROM mails');
  expect(waiting).toEqual([]);
  return smtp.received.map((mail) => `${mail.to.join()} ${headerOf(mail, 'Subject')}`).sort();
}

async function anOperator(): Promise<ApiClient> {
  const operator = await app.aUser();
  await (await app.admin()).send('PATCH', `/api/v1/users/${operator.userId}`, { role: 'operator' });
  return operator;
}

it('tells operators once that backups are stale, and once that they are not', async () => {
  const operator = await anOperator();
  await aGraph(await app.aUser());
  await copyNow(app);
  expect(await run('alerts')).toEqual({ active: 0, messages: 0 });
  app.clock.advance(6 * MINUTE);
  expect(await run('alerts')).toEqual({ active: 1, messages: 1 });
  expect(await run('alerts')).toEqual({ active: 1, messages: 0 });
  const begins = '[GRAPHOMAT-BACKUP] Backups are stale';
  const { email } = operator.credentials!;
  expect(await delivered()).toEqual([`${ADMIN.email} ${begins}`, `${email} ${begins}`].sort());
  const text = partOf(await smtp.mailTo(email), 'text/plain');
  expect(text).toContain('no copy has succeeded for 6 minutes');
  expect(text).toContain('https://backup.example.org/operator');

  smtp.received.length = 0;
  await copyNow(app);
  expect(await run('alerts')).toEqual({ active: 0, messages: 1 });
  const over = '[GRAPHOMAT-BACKUP] Over: Backups are up to date again';
  expect(await delivered()).toEqual([`${ADMIN.email} ${over}`, `${email} ${over}`].sort());
  expect(await announced()).toMatchObject([
    {
      type: 'backup.stale',
      state: 'begun',
      reason: expect.stringContaining('no copy has succeeded') as string,
    },
    { type: 'backup.stale', state: 'over', reason: null },
  ]);
});

it('is not forgotten and not repeated by a restart', async () => {
  await copyNow(app);
  app.clock.advance(10 * MINUTE);
  await run('alerts');
  await app.stop();
  app = await startApp(settings, app.place, app.clock);
  // The service has just started and says that nothing is wrong yet; that ends no alert.
  expect(await run('alerts')).toEqual({ active: 0, messages: 0 });
  app.clock.advance(6 * MINUTE);
  expect(await run('alerts')).toEqual({ active: 1, messages: 0 });
  await copyNow(app);
  expect(await run('alerts')).toEqual({ active: 0, messages: 1 });
  expect(wordsOf(await announced())).toEqual(['backup.stale begun', 'backup.stale over']);
});

it('sends one message an hour while a condition flaps', async () => {
  for (let times = 0; times < 12; times += 1) {
    await copyNow(app);
    await run('alerts');
    app.clock.advance(6 * MINUTE);
    await run('alerts');
  }
  const words = wordsOf(await announced());
  // Begun and over at once, then one an hour.
  expect(words.slice(0, 2)).toEqual(['backup.stale begun', 'backup.stale over']);
  expect(words.length).toBeLessThanOrEqual(4);
});

it('covers verification, retention, sources and seals, as /health and Prometheus do', async () => {
  const user = await app.aUser();
  await aGraph(user);
  await run('seal');
  await run('retention');
  const source = { kind: 'http', url: 'http://127.0.0.1:9', name: 'A tool that is down' };
  const made = await user.post('/api/v1/sources', source);
  expect(made.status).toBe(201);
  await run('sources-sync');
  // Days without the service: no verification, and a clock that retention does not trust.
  app.clock.set(4 * DAY);
  await run('retention');
  await rawSql(app.place, "UPDATE journal SET ip = '203.0.113.9' WHERE seq = 1");
  await run('seal-verification');
  const begun = [
    'backup.stale begun',
    'retention.stopped begun',
    'seals.broken begun',
    'source.failing begun',
    'verification.failed begun',
  ];
  expect(await run('alerts')).toEqual({ active: begun.length, messages: begun.length });
  expect(wordsOf(await announced()).sort()).toEqual(begun);
  const { text } = await app.anonymous.get('/metrics');
  expect(text).toContain('graphomat_alert_active{condition="seals.broken"} 1');
  expect(text).toContain('graphomat_alert_active{condition="storage.low"} 0');
  const health = (await app.anonymous.get('/health')).json<{ details: { sources: object } }>();
  expect(health.details.sources).toMatchObject({
    failing: 1,
    failing_sources: [made.json<{ id: string }>().id],
  });
});

it('is for operators alone, and not for one who is none any longer when the mail is sent', async () => {
  const operator = await anOperator();
  smtp.refusals = { data: () => 451 };
  app.clock.advance(6 * MINUTE);
  await run('alerts');
  await run('mail');
  const admin = await app.admin();
  await admin.send('PATCH', `/api/v1/users/${operator.userId}`, { role: 'user' });
  smtp.refusals = {};
  app.clock.advance(5 * MINUTE);
  expect(await delivered()).toEqual([`${ADMIN.email} [GRAPHOMAT-BACKUP] Backups are stale`]);
});

const onPostgres = databaseKind === 'postgres' ? it : it.skip;
onPostgres('two replicas send one message', async () => {
  const two = await startApp(settings, app.place);
  try {
    app.clock.advance(6 * MINUTE);
    two.clock.advance(6 * MINUTE);
    for (let times = 0; times < 3; times += 1) await Promise.all([run('alerts'), run('alerts', two)]);
    expect(wordsOf(await announced())).toEqual(['backup.stale begun']);
    await until(PATIENCE_MS, 'an empty queue', async () => {
      await Promise.all([run('mail'), run('mail', two)]);
      return (await rawSql(app.place, 'SELECT kind FROM mails')).length === 0 ? true : undefined;
    });
    expect(smtp.received.map(({ to }) => to)).toEqual([[ADMIN.email]]);
  } finally {
    await two.stop();
  }
});
