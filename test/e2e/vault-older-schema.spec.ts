import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseSchema } from '../../src/database-schema';
import { startApp } from '../support/app';
import { runCli } from '../support/cli';
import { newPlace } from '../support/database';
import { GRAPHS, versionsOf } from '../support/graphs';
import { copyNow } from '../support/vault';

/** Copies that a service made whose newest migration was `Vault1764001200000`. They are never created again. */
const FIXTURE = join(__dirname, '..', 'fixtures', 'vault-1764001200000');

interface Expected {
  email: string;
  password: string;
  graph: string;
  deleted: string;
  /** The configs of all versions, from the first on. */
  versions: string[];
}

it('brings back what an older program has copied, and migrates it on to what this one needs', async () => {
  const place = await newPlace();
  const expected = JSON.parse(readFileSync(join(FIXTURE, 'expected.json'), 'utf8')) as Expected;
  mkdirSync(join(place.dataDir, 'keys'));
  cpSync(join(FIXTURE, 'encryption.key'), join(place.dataDir, 'keys', 'encryption.key'));
  cpSync(join(FIXTURE, 'vault'), join(place.dataDir, 'vault'), { recursive: true });
  const rebuilt = await runCli('vault', ['rebuild', '--to', place.databaseUrl], place);
  expect(rebuilt).toMatchObject({ code: 0, output: expect.stringContaining('2 graphs, 11 versions') });

  const app = await startApp({}, place);
  try {
    const user = await app.anonymous.signIn(expected.email, expected.password);
    const versions = await versionsOf(user, expected.graph);
    expect(versions).toHaveLength(expected.versions.length);
    expect(versions.find(({ version }) => version === 3)).toMatchObject({
      label: 'before the change',
      pinned: true,
    });
    for (const [at, config] of expected.versions.entries())
      expect((await user.get(`${GRAPHS}/${expected.graph}/versions/${at + 1}`)).configBytes.toString()).toBe(
        config,
      );
    expect((await user.get('/api/v1/backup-policy')).json()).toMatchObject({ keep_last: 50 });
    expect((await user.post(`${GRAPHS}/${expected.deleted}/recover`)).status).toBe(200);
    expect((await (await app.admin()).get('/api/v1/audit/verification')).json()).toMatchObject({
      intact: true,
    });
    expect(await copyNow(app)).toBe('done');
    expect((await runCli('check', [], place)).output).toContain('0 graphs damaged');
  } finally {
    await app.stop();
    await place.remove();
  }
});

it('is kept for as long as copies of that schema can be in a vault', () => {
  const names = databaseSchema.migrations.map((migration) => new migration().name);
  expect(names).toContain('Vault1764001200000');
});
