import { startApp } from '../support/app';
import { runCli } from '../support/cli';
import { databaseKind, newPlace } from '../support/database';
import { GRAPHS } from '../support/graphs';
import { livedIn, type LivedIn } from '../support/lived-in';
import { emptied, hasRealS3, realS3Credentials, realS3Url } from '../support/real-s3';
import { present } from '../support/recovered';
import { startS3, type S3Server } from '../support/s3-server';
import { copyNow, requestCopy, verifyNow } from '../support/vault';

/** Of each recorded history. */
const VERSIONS = 24;
const DAY_MS = 24 * 60 * 60 * 1000;

// What is in the store does not depend on the database; once is enough.
const here = databaseKind === 'sqlite';

if (here && !hasRealS3)
  it.skip('no real S3 store was named (TEST_S3_URL), so the vault was kept in the small server only', () =>
    undefined);

(here ? describe.each([false, ...(hasRealS3 ? [true] : [])]) : describe.skip.each([false]))(
  'a vault in an S3 store (a real one: %s)',
  (real) => {
    const own = { ...process.env };
    let s3: S3Server;
    let environment: Record<string, string>;
    let used: LivedIn;

    beforeAll(async () => {
      s3 = await startS3();
      if (real) Object.assign(process.env, realS3Credentials());
      environment = {
        BACKUP_STORE_URL: real ? realS3Url() : s3.url('vault'),
        AWS_ACCESS_KEY_ID: process.env['AWS_ACCESS_KEY_ID']!,
        AWS_SECRET_ACCESS_KEY: process.env['AWS_SECRET_ACCESS_KEY']!,
      };
      used = await livedIn(VERSIONS, environment);
    });
    afterAll(async () => {
      await emptied(environment['BACKUP_STORE_URL']!);
      await s3.close();
      Object.assign(process.env, own);
      await used.place.remove();
    });

    const vault = (...args: string[]) => runCli('vault', args, used.place, environment);

    it('takes copies small and whole, which read back, by night and by hand', async () => {
      const app = await startApp(environment, used.place);
      try {
        app.clock.advance(DAY_MS);
        const user = await app.anonymous.signIn(used.user.email, used.user.password);
        const [id, configs] = [...used.stored][0]!;
        expect((await user.put(`${GRAPHS}/${id}`, '{ "config": [ "one more" ] }')).status).toBe(200);
        configs.push(Buffer.from('[ "one more" ]'));
        expect(await copyNow(app)).toBe('done');
        expect(await requestCopy(app, 'full')).toMatchObject({
          status: 'stored',
          generation: 2,
        });
        expect(await verifyNow(app)).toBe('done');
      } finally {
        await app.stop();
      }
      expect(await vault('ls')).toMatchObject({ code: 0 });
      expect(await vault('verify')).toMatchObject({ code: 0 });
    });

    it('brings every version back byte for byte, without anything else but the key', async () => {
      const target = await newPlace();
      expect(await vault('rebuild', '--to', target.databaseUrl)).toMatchObject({ code: 0 });
      expect(await present(target)).toEqual(await present(used.place));
      const app = await startApp(environment, { ...used.place, databaseUrl: target.databaseUrl });
      try {
        const user = await app.anonymous.signIn(used.user.email, used.user.password);
        for (const [id, configs] of used.stored)
          for (const [at, config] of configs.entries()) {
            const answer = await user.get(`${GRAPHS}/${id}/versions/${at + 1}`);
            expect([id, at + 1, answer.configBytes.equals(config)]).toEqual([id, at + 1, true]);
          }
      } finally {
        await app.stop();
        await target.remove();
      }
    });
  },
);
