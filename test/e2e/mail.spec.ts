import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { JobRunner } from '../../src/platform/jobs/job-runner';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { databaseKind } from '../support/database';
import { expectProblem } from '../support/problem';
import { rawSql } from '../support/raw-database';
import { CA_FILE, MAIL_SETTINGS, headerOf, partOf, startSmtp, type TestSmtp } from '../support/smtp';
import { until } from '../support/within';

const RESET = '/api/v1/auth/password-reset';
const ANSWER = '{"detail":"If there is an account with this address, a mail with a link follows."}';
const PATIENCE_MS = 30_000;
const MINUTE = 60_000;

let smtp: TestSmtp;
let app: TestApp;
let user: ApiClient;
beforeAll(async () => {
  smtp = await startSmtp({ tls: 'starttls', credentials: { user: 'backup', password: 'p@ss/word#1' } });
  app = await startApp({ SMTP_URL: `${smtp.url}?tls=required&ca_file=${CA_FILE}`, ...MAIL_SETTINGS });
});
afterAll(async () => {
  await app.close();
  await smtp.close();
});
beforeEach(async () => {
  smtp.refusals = {};
  user = await app.aUser();
});

const emailOf = (client: ApiClient) => client.credentials!.email;
const request = (email: unknown) => app.anonymous.post(RESET, { email });
const tokenIn = (text: string) => /#\/password-reset\?token=([\w-]+)/.exec(text)![1]!;

/** Runs the job, after a run that was started by a request. */
async function deliver(on = app) {
  const runner = on.service.app.get(JobRunner);
  const run = await until(PATIENCE_MS, 'a free job', () => runner.trigger('mail').catch(() => undefined));
  return run.ended;
}

const queued = (on = app) =>
  rawSql(on.place, 'SELECT user_key, kind, attempts, failure, details FROM mails ORDER BY user_key');

describe('a link to set a new password', () => {
  it('is sent to the owner over TLS, and works once', async () => {
    const answer = await request(emailOf(user).toUpperCase());
    expect([answer.status, answer.text]).toEqual([202, ANSWER]);
    const mail = await smtp.mailTo(emailOf(user));
    expect(mail).toMatchObject({ from: 'backup@test.example', secure: true, user: 'backup' });
    expect(headerOf(mail, 'From')).toBe('Backup <backup@test.example>');
    expect(headerOf(mail, 'Auto-Submitted')).toBe('auto-generated');
    const token = tokenIn(partOf(mail, 'text/plain'));
    expect(partOf(mail, 'text/plain')).toContain('https://backup.example.org/#/password-reset?token=');
    expect(tokenIn(partOf(mail, 'text/html'))).toBe(token);
    const body = { token, new_password: 'a password that was reset' };
    expect((await app.anonymous.post(`${RESET}/confirm`, body)).status).toBe(204);
    expectProblem(await app.anonymous.post(`${RESET}/confirm`, body), 422);
    await app.anonymous.signIn(emailOf(user), body.new_password);
  });

  it('is in the mail alone: not in the queue, the logs or the audit log', async () => {
    smtp.refusals = { data: () => 451 };
    await request(emailOf(user));
    await until(PATIENCE_MS, 'a failed attempt', async () => (await queued()).find((row) => row['attempts']));
    const before = await queued();
    smtp.refusals = {};
    app.clock.advance(2 * MINUTE);
    await deliver();
    const token = tokenIn(partOf(await smtp.mailTo(emailOf(user)), 'text/plain'));
    const secret = Buffer.from(token, 'base64url').subarray(16).toString('base64url');
    const journal = await rawSql(app.place, 'SELECT details FROM journal');
    for (const kept of [app.logs.join(''), JSON.stringify(before), JSON.stringify(journal)]) {
      expect(kept).not.toContain(secret.slice(0, 20));
      expect(kept).not.toContain('secret@test.example');
    }
    expect(before).toMatchObject([{ details: null, failure: 'EMESSAGE 451' }]);
  });

  it('leaves a trace of who asked for it', async () => {
    await request(emailOf(user));
    await smtp.mailTo(emailOf(user));
    const admin = await app.admin();
    const actions = async () => {
      const events = await admin.get(`/api/v1/audit?user_id=${user.userId}&limit=10`);
      return events.json<Array<{ action: string; ip: string; details: object }>>();
    };
    await until(PATIENCE_MS, 'the events', async () =>
      (await actions()).some(({ action, ip }) => action === 'user.password_reset_requested' && ip !== null)
        ? true
        : undefined,
    );
    expect(await actions()).toContainEqual(
      expect.objectContaining({ action: 'user.password_link_made', details: { by: 'mail' } }),
    );
  });

  it('is sent once in five minutes, however often it is requested', async () => {
    await request(emailOf(user));
    await smtp.mailTo(emailOf(user));
    for (let times = 0; times < 3; times += 1) expect((await request(emailOf(user))).status).toBe(202);
    await deliver();
    expect(smtp.received.filter(({ to }) => to.includes(emailOf(user)))).toHaveLength(1);
    app.clock.advance(6 * MINUTE);
    await request(emailOf(user));
    await until(PATIENCE_MS, 'a second mail', () =>
      smtp.received.filter(({ to }) => to.includes(emailOf(user))).length === 2 ? true : undefined,
    );
  });

  it('answers the same for unknown and disabled accounts, and writes the same rows', async () => {
    const admin = await app.admin();
    await admin.send('PATCH', `/api/v1/users/${user.userId}`, { is_active: false });
    const before = smtp.received.length;
    for (const email of [emailOf(user), 'unknown@test.example', 'no address', 'a@b\r\nBcc: c@d'])
      expect([(await request(email)).status, (await request(email)).text]).toEqual([202, ANSWER]);
    await until(PATIENCE_MS, 'an empty queue', async () => {
      await deliver();
      return (await queued()).length === 0 ? true : undefined;
    });
    expect(smtp.received).toHaveLength(before);
    expectProblem(await request(''), 400);
    expectProblem(await request(5), 400);
    expectProblem(await app.anonymous.post(RESET, {}), 400);
  });

  it('is refused for a network that asks too often', async () => {
    const slow = await startApp({ SMTP_URL: smtp.url, ...MAIL_SETTINGS, THROTTLE_LOGIN_PER_MINUTE: '2' });
    try {
      const ask = (email: string) => slow.anonymous.post(RESET, { email });
      for (const email of ['a@test.example', 'b@test.example']) expect((await ask(email)).status).toBe(202);
      expectProblem(await ask('c@test.example'), 429);
    } finally {
      await slow.close();
    }
  });
});

describe('a mail that cannot be sent', () => {
  it('is tried again when the server says later, and does not hold up others', async () => {
    const other = await app.aUser();
    smtp.refusals = { recipient: (address) => (address === emailOf(user) ? 450 : undefined) };
    await request(emailOf(user));
    await request(emailOf(other));
    await smtp.mailTo(emailOf(other));
    await until(PATIENCE_MS, 'the failure', async () => (await queued()).find((row) => row['failure']));
    expect(await queued()).toMatchObject([{ attempts: 1, failure: 'EENVELOPE 450' }]);
    smtp.refusals = {};
    app.clock.advance(2 * MINUTE);
    await deliver();
    await smtp.mailTo(emailOf(user));
  });

  it('is given up at once when the server refuses the recipient, with a trace', async () => {
    smtp.refusals = { recipient: (address) => (address === emailOf(user) ? 550 : undefined) };
    await request(emailOf(user));
    const events = async () =>
      (await user.get('/api/v1/audit?action=mail.given_up')).json<Array<{ details: object }>>();
    const [event] = await until(PATIENCE_MS, 'the event', async () => {
      const found = await events();
      return found.length > 0 ? found : undefined;
    });
    expect(event!.details).toEqual({ kind: 'password-reset', attempts: 1, reason: 'EENVELOPE 550' });
    expect(await queued()).toEqual([]);
    expect(app.logs.join('')).toContain('a mail was given up');
    expect(app.logs.join('')).not.toContain(emailOf(user));
  });

  it('is given up when its time is over, and its account never gets it later', async () => {
    smtp.refusals = { data: () => 451 };
    await request(emailOf(user));
    await until(PATIENCE_MS, 'the failure', async () => (await queued()).find((row) => row['failure']));
    app.clock.advance(61 * MINUTE);
    smtp.refusals = {};
    const before = smtp.received.length;
    expect((await deliver()).summary).toMatchObject({ expired: 1, sent: 0 });
    expect(smtp.received).toHaveLength(before);
    expect(await queued()).toEqual([]);
  });
});

describe('a mail server', () => {
  const closing: Array<() => Promise<void>> = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function startWith(url: string): Promise<TestApp> {
    const started = await startApp({ SMTP_URL: url, ...MAIL_SETTINGS });
    closing.push(() => started.close());
    return started;
  }
  async function failureWith(url: string): Promise<unknown> {
    const started = await startWith(url);
    const client = await started.aUser();
    await started.anonymous.post(RESET, { email: emailOf(client) });
    const row = await until(PATIENCE_MS, 'a failed attempt', async () =>
      (await queued(started)).find(({ failure }) => failure),
    );
    return row['failure'];
  }
  async function listen(server: Server): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => server.close(() => resolve())));
    return (server.address() as AddressInfo).port;
  }

  it('is spoken to over implicit TLS', async () => {
    const secure = await startSmtp({ tls: 'implicit' });
    closing.push(() => secure.close());
    const started = await startWith(`${secure.url}?ca_file=${CA_FILE}`);
    const client = await started.aUser();
    await started.anonymous.post(RESET, { email: emailOf(client) });
    expect((await secure.mailTo(emailOf(client))).secure).toBe(true);
  });

  it('gets no mail without TLS where TLS is required, with an unknown certificate, or a wrong password', async () => {
    const plain = await startSmtp();
    closing.push(() => plain.close());
    expect(await failureWith(`${plain.url}?tls=required`)).toMatch(/^ETLS/);
    expect(plain.received).toEqual([]);
    expect(await failureWith(`smtp://backup:x@localhost:${smtp.port}?tls=required`)).toMatch(
      /^(ESOCKET|ETLS)/,
    );
    const wrong = `smtp://backup:wrong@localhost:${smtp.port}?tls=required&ca_file=${CA_FILE}`;
    expect(await failureWith(wrong)).toBe('EAUTH 535');
  });

  it('that is down or hangs stops the run, and the service stops in time', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
    const port = await listen(silent);
    closing.push(() => Promise.resolve(sockets.forEach((socket) => socket.destroy())));
    const started = await startWith(`smtp://127.0.0.1:${port}`);
    const clients = [await started.aUser(), await started.aUser()];
    for (const client of clients) await started.anonymous.post(RESET, { email: emailOf(client) });
    await until(PATIENCE_MS, 'a connection', () => sockets[0]);
    // The run is aborted: it waits for a greeting that never comes.
    await started.stop();
    const rows = await queued(started);
    expect(rows).toHaveLength(2);
    expect(rows.map(({ attempts }) => attempts)).toEqual([0, 0]);
  });

  it('that is down counts an attempt of one mail only, and health says so after a while', async () => {
    const closed = createServer();
    const port = await listen(closed);
    await closing.pop()!();
    const started = await startWith(`smtp://127.0.0.1:${port}`);
    const clients = [await started.aUser(), await started.aUser()];
    for (const client of clients) await started.anonymous.post(RESET, { email: emailOf(client) });
    // Both had their first attempt when they were requested, or have it now.
    await deliver(started);
    started.clock.advance(2 * MINUTE);
    const { summary } = await deliver(started);
    expect(summary).toMatchObject({ sent: 0, server_failed: true });
    expect(await queued(started)).toContainEqual(
      expect.objectContaining({ failure: expect.stringMatching(/^(ESOCKET|ECONNECTION)$/) as string }),
    );
    started.clock.advance(11 * MINUTE);
    const health = (await started.anonymous.get('/health')).json<{ details: { mail: object } }>();
    expect(health.details.mail).toMatchObject({ degraded: true, set_up: true });
  });
});

// On SQLite one process owns the file.
const onPostgres = databaseKind === 'postgres' ? it : it.skip;
onPostgres('two replicas send each mail once', async () => {
  const plain = await startSmtp();
  const settings = { SMTP_URL: plain.url, ...MAIL_SETTINGS };
  const one = await startApp(settings);
  const two = await startApp(settings, one.place);
  try {
    const clients = await Promise.all(Array.from({ length: 12 }, () => one.aUser()));
    const ask = (on: TestApp, client: ApiClient) => on.anonymous.post(RESET, { email: emailOf(client) });
    await Promise.all(clients.map((client, at) => ask(at % 2 ? one : two, client)));
    await until(PATIENCE_MS, 'an empty queue', async () => {
      await Promise.all([deliver(one), deliver(two)]);
      return (await queued(one)).length === 0 ? true : undefined;
    });
    const recipients = plain.received.flatMap(({ to }) => to);
    expect(recipients.sort()).toEqual(clients.map(emailOf).sort());
  } finally {
    await two.stop();
    await one.close();
    await plain.close();
  }
});

describe('without a mail server', () => {
  it('a link cannot be requested, and the sign-in page learns that', async () => {
    const plain = await startApp();
    try {
      expectProblem(await plain.anonymous.post(RESET, { email: 'a@test.example' }), 422, 'mail-not-set-up');
      expect((await plain.anonymous.get('/api/v1/auth/registration')).json()).toMatchObject({
        password_reset_mail: false,
      });
      expect((await app.anonymous.get('/api/v1/auth/registration')).json()).toMatchObject({
        password_reset_mail: true,
      });
      expect((await deliver(plain)).summary).toEqual({ set_up: false, expired: 0 });
    } finally {
      await plain.close();
    }
  });
});
