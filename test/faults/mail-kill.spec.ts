import { once } from 'node:events';
import { join } from 'node:path';
import { JobRunner } from '../../src/platform/jobs/job-runner';
import { startApp } from '../support/app';
import { startChild } from '../support/child';
import { ApiClient } from '../support/client';
import { newPlace } from '../support/database';
import { rawSql } from '../support/raw-database';
import { MAIL_SETTINGS, headerOf, partOf, startSmtp } from '../support/smtp';
import { until, within } from '../support/within';

const PATIENCE_MS = 60_000;
const KILLED = ['--require', join(__dirname, '..', 'support', 'killed-at.cjs')];
const EMAIL = 'owner@test.example';
const RESET = '/api/v1/auth/password-reset';

it('a service that is killed after sending a mail and before noting it sends the mail once more', async () => {
  const smtp = await startSmtp();
  const place = await newPlace();
  const settings = { SMTP_URL: smtp.url, ...MAIL_SETTINGS };
  const own = { DATA_DIR: place.dataDir, DATABASE_URL: place.databaseUrl };
  try {
    const killed = { KILLED_FROM: 'DELETE FROM mails', KILLED_AT: '1' };
    const child = await startChild({ ...own, ...settings, ...killed }, KILLED);
    const ended = once(child.process, 'exit');
    const anonymous = new ApiClient(child.url);
    await anonymous.post('/api/v1/auth/register', { email: EMAIL, password: 'a password of tests' });
    // The answer may come after the kill, or never.
    await anonymous.post(RESET, { email: EMAIL }).catch(() => undefined);
    await within(PATIENCE_MS, 'the kill', ended);
    expect(smtp.received).toHaveLength(1);

    const app = await startApp(settings, place);
    try {
      // The lease of the killed run ends.
      app.clock.advance(60_000);
      const runner = app.service.app.get(JobRunner);
      const run = await until(PATIENCE_MS, 'the job', () => runner.trigger('mail').catch(() => undefined));
      expect((await run.ended).summary).toMatchObject({ sent: 1 });
      const [first, second] = smtp.received;
      expect(smtp.received).toHaveLength(2);
      expect(headerOf(second!, 'Message-ID')).toBe(headerOf(first!, 'Message-ID'));
      expect(await rawSql(place, 'SELECT kind FROM mails')).toEqual([]);
      // The newest link works, and no other.
      const tokens = [first!, second!].map((mail) => /token=([\w-]+)/.exec(partOf(mail, 'text/plain'))![1]);
      const confirm = (token: string | undefined) =>
        app.anonymous.post(`${RESET}/confirm`, { token, new_password: 'a password that was reset' });
      expect((await confirm(tokens[0])).status).toBe(422);
      expect((await confirm(tokens[1])).status).toBe(204);
    } finally {
      await app.stop();
    }
  } finally {
    await place.remove();
    await smtp.close();
  }
});
