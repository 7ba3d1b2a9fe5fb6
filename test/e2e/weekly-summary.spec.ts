import { JobRunner } from '../../src/platform/jobs/job-runner';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { databaseKind } from '../support/database';
import { GRAPHS, aGraph } from '../support/graphs';
import { expectFaults, expectProblem } from '../support/problem';
import { rawSql } from '../support/raw-database';
import { MAIL_SETTINGS, headerOf, partOf, startSmtp, type TestSmtp } from '../support/smtp';
import { copyNow, verifyNow } from '../support/vault';
import { until } from '../support/within';

const SETTING = '/api/v1/notifications/weekly-summary';
const DAY = 86_400_000;
const PATIENCE_MS = 30_000;

interface SettingJson {
  available: boolean;
  enabled: boolean;
  next_at: string | null;
}

let smtp: TestSmtp;
let app: TestApp;
beforeAll(async () => {
  smtp = await startSmtp();
  app = await startApp({ SMTP_URL: smtp.url, ...MAIL_SETTINGS });
});
beforeEach(() => {
  smtp.received.length = 0;
  untilWednesday();
});
afterAll(async () => {
  await app.close();
  await smtp.close();
});

/** The middle of a week, so that no test depends on the day on which it runs. */
function untilWednesday(): void {
  const now = app.clock.now();
  const midnight = Math.floor(now / DAY) * DAY;
  const days = ((3 - new Date(midnight).getUTCDay() + 7) % 7 || 7) + 0.5;
  app.clock.advance(midnight + days * DAY - now);
}

async function run(job: string) {
  const runner = app.service.app.get(JobRunner);
  const started = await until(PATIENCE_MS, job, () => runner.trigger(job).catch(() => undefined));
  return (await started.ended).summary;
}

async function switchOn(user: ApiClient): Promise<SettingJson> {
  const answer = await user.put(SETTING, { enabled: true });
  expect(answer.status).toBe(200);
  return answer.json<SettingJson>();
}

/** Lets time pass until the next summary is due, and sends what is queued. */
async function untilSent({ next_at }: SettingJson) {
  app.clock.advance(Date.parse(next_at!) - app.clock.now() + 1_000);
  const summary = await run('weekly-summaries');
  await run('mail');
  return summary;
}
const mailsTo = (user: ApiClient) => smtp.received.filter(({ to }) => to.includes(user.credentials!.email));

it('is off until its owner switches it on, and says when the next one comes', async () => {
  const user = await app.aUser();
  expect((await user.get(SETTING)).json()).toEqual({ available: true, enabled: false, next_at: null });
  const setting = await switchOn(user);
  const next = new Date(setting.next_at!);
  expect([next.getUTCDay(), next.getUTCHours(), next.getUTCMinutes()]).toEqual([1, 6, 0]);
  expect(next.getTime() - app.clock.now()).toBeLessThan(7 * DAY);
  expect((await user.put(SETTING, { enabled: false })).json()).toMatchObject({
    enabled: false,
    next_at: null,
  });
  expectFaults(await user.put(SETTING, { enabled: 'yes' }), ['enabled']);
  const events = await user.get('/api/v1/audit?action=user.weekly_summary_changed');
  expect(events.json()).toMatchObject([
    { details: { enabled: false, by: 'owner' } },
    { details: { enabled: true, by: 'owner' } },
  ]);
});

it('says what happened in the week, that it is safe, and shows what changed most', async () => {
  const [user, other] = [await app.aUser(), await app.aUser()];
  const setting = await switchOn(user);
  const { id } = await aGraph(user, { title: 'Order <intake>\n& more' });
  const nodes = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ id: `n${n}`, position: { x: 0, y: 90 * n } }));
  for (let n = 1; n <= 4; n += 1)
    await user.put(`${GRAPHS}/${id}`, { config: { nodes: nodes(n), edges: [] } });
  await aGraph(user, { title: 'Second' });
  const gone = await aGraph(user, { title: 'Deleted since' });
  await user.delete(`${GRAPHS}/${gone.id}`);
  await copyNow(app);
  await verifyNow(app);
  await untilSent(setting);
  expect(mailsTo(other)).toEqual([]);
  const [mail] = mailsTo(user);
  const graphs = '3 graphs, 7 versions this week';
  expect(headerOf(mail!, 'Subject')).toBe(graphs);
  const text = partOf(mail!, 'text/plain');
  expect(text).toContain(`${graphs}, all stored and verified on Wednesday.`);
  expect(text).toContain('Order <intake> & more changed 5 times');
  expect(text).toContain('Second changed once');
  expect(text).not.toContain('Deleted since');
  expect(text).toContain(`https://backup.example.org/graphs/${id}`);
  const html = partOf(mail!, 'text/html');
  expect(html).toContain('Order &lt;intake&gt; &amp; more changed 5 times');
  expect(html).not.toContain('<intake>');
  expect(partOf(mail!, 'image/svg+xml')).toMatch(/^<svg [^]*<\/svg>\s*$/);
  // Nothing is sent twice.
  expect(await run('weekly-summaries')).toEqual({ queued: 0 });
  await run('mail');
  expect(mailsTo(user)).toHaveLength(1);
});

it('catches up with the last week only, and does not repeat it when it is switched off and on', async () => {
  const user = await app.aUser();
  const setting = await switchOn(user);
  app.clock.advance(21 * DAY);
  await untilSent({ ...setting, next_at: new Date(app.clock.now()).toISOString() });
  expect(mailsTo(user)).toHaveLength(1);
  expect(headerOf(mailsTo(user)[0]!, 'Subject')).toBe('0 graphs, no new version this week');
  const again = await user.signInAgain();
  await again.put(SETTING, { enabled: false });
  await switchOn(again);
  await run('weekly-summaries');
  await run('mail');
  expect(mailsTo(user)).toHaveLength(1);
});

describe('the link to unsubscribe', () => {
  async function linkFor(user: ApiClient): Promise<string> {
    await untilSent(await switchOn(user));
    const [mail] = mailsTo(user);
    expect(headerOf(mail!, 'List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click');
    const link = /^<(.+)>$/.exec(headerOf(mail!, 'List-Unsubscribe')!)![1]!;
    expect(partOf(mail!, 'text/plain')).toContain(link);
    expect(link.startsWith(`https://backup.example.org${SETTING}/unsubscribe?token=`)).toBe(true);
    return link.slice('https://backup.example.org'.length);
  }
  const enabled = async (user: ApiClient) =>
    (await (await user.signInAgain()).get(SETTING)).json<SettingJson>().enabled;

  it('works with one click and without signing in, and opening it changes nothing', async () => {
    const user = await app.aUser();
    const link = await linkFor(user);
    const page = await app.anonymous.get(link);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.text).toContain('<form method="post">');
    expect(await enabled(user)).toBe(true);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const stopped = await app.anonymous.post(link, 'List-Unsubscribe=One-Click', form);
    expect(stopped.status).toBe(200);
    expect(stopped.text).toContain('Weekly summaries are stopped');
    expect(await enabled(user)).toBe(false);
    // Once more changes nothing, in the other form that mail programs send.
    const parts =
      '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n';
    const multipart = { 'content-type': 'multipart/form-data; boundary=b' };
    expect((await app.anonymous.post(link, parts, multipart)).status).toBe(200);
    expect((await app.anonymous.post(link, 'List-Unsubscribe=One-Click', form)).status).toBe(200);
    const events = await (await user.signInAgain()).get('/api/v1/audit?action=user.weekly_summary_changed');
    expect(events.json()).toMatchObject([
      { actor_id: null, details: { enabled: false, by: 'link' } },
      { actor_id: user.userId, details: { enabled: true, by: 'owner' } },
    ]);
    app.clock.advance(7 * DAY);
    await run('weekly-summaries');
    await run('mail');
    expect(mailsTo(user)).toHaveLength(1);
  });

  it('is refused when it was changed', async () => {
    const user = await app.aUser();
    const link = await linkFor(user);
    const [path, token] = link.split('token=') as [string, string];
    const bytes = Buffer.from(token, 'base64url');
    for (const at of [0, 15, 16, 47]) {
      const forged = Buffer.from(bytes);
      forged[at]! ^= 1;
      expectProblem(await app.anonymous.post(`${path}token=${forged.toString('base64url')}`), 404);
    }
    for (const broken of ['x', token.slice(4)])
      expectProblem(await app.anonymous.post(`${path}token=${broken}`), 404);
    expectProblem(await app.anonymous.post(path), 400);
    expect(await enabled(user)).toBe(true);
  });
});

it('keeps the queue small, however many accounts want one', async () => {
  const numbers =
    databaseKind === 'sqlite'
      ? 'WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 1500) SELECT v FROM n'
      : 'SELECT generate_series(1, 1500) AS v';
  // Keys of accounts that are gone: their mails are dropped when they are about to be sent.
  await rawSql(
    app.place,
    `INSERT INTO weekly_summaries (user_key, seq, enabled, last_week) SELECT 1000000 + v, 1, 1, 0 FROM (${numbers}) AS n`,
  );
  expect(await run('weekly-summaries')).toEqual({ queued: 1_000 });
  await until(PATIENCE_MS, 'an empty queue', async () => {
    await run('mail');
    return (await rawSql(app.place, 'SELECT kind FROM mails')).length === 0 ? true : undefined;
  });
  await run('weekly-summaries');
  const left = 'SELECT user_key FROM weekly_summaries WHERE last_week = 0';
  expect(await rawSql(app.place, left)).toEqual([]);
});

it('goes with the account', async () => {
  const user = await app.aUser();
  await switchOn(user);
  const rows = async () =>
    (await rawSql(app.place, 'SELECT enabled FROM weekly_summaries WHERE user_key < 1000000')).length;
  const before = await rows();
  await (await app.admin()).delete(`/api/v1/users/${user.userId}`);
  await run('housekeeping');
  expect(await rows()).toBe(before - 1);
});

it('cannot be switched on where no mail is sent', async () => {
  const plain = await startApp();
  try {
    const user = await plain.aUser();
    expectProblem(await user.put(SETTING, { enabled: true }), 422, 'mail-not-set-up');
    expect((await user.get(SETTING)).json()).toEqual({ available: false, enabled: false, next_at: null });
  } finally {
    await plain.close();
  }
});
