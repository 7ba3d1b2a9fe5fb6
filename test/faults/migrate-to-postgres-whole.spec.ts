import { startApp } from '../support/app';
import { allRows } from '../support/all-rows';
import { runCli } from '../support/cli';
import { databaseKind, newPlace, type TestPlace } from '../support/database';
import { GRAPHS } from '../support/graphs';
import { histories, livedIn, type LivedIn } from '../support/lived-in';
import { present } from '../support/recovered';
import { copyNow, runsOf, verifyNow } from '../support/vault';

/** Of each recorded history; all of all of them take minutes, and were tried by hand. */
const VERSIONS = 24;
const onPostgres = databaseKind === 'postgres' ? describe : describe.skip;
const what =
  histories.length > 0
    ? 'samples and recorded histories'
    : 'samples (histories skipped without ../shared/corpus)';

onPostgres(`an installation that was lived in, with ${what}`, () => {
  let source: LivedIn;
  let target: TestPlace;
  beforeAll(async () => {
    source = await livedIn(VERSIONS);
    target = await newPlace();
  });
  afterAll(async () => {
    await source.place.remove();
    await target.remove();
  });

  it('is moved with every row of every table', async () => {
    const before = await allRows(source.place.databaseUrl);
    expect(Object.entries(before).filter(([, { rows }]) => rows === 0)).toEqual([]);
    const moved = await runCli(
      'migrate-to-postgres',
      ['--from', source.place.databaseUrl, '--to', target.databaseUrl],
      source.place,
    );
    expect(moved).toMatchObject({ code: 0, output: expect.stringContaining('MOVED') as string });
    expect(await allRows(source.place.databaseUrl)).toEqual(before);
    expect(await allRows(target.databaseUrl)).toEqual(before);
    // It says how far it is, and what it has compared.
    expect(moved.output).toMatch(/^100 %: \d+ of \d+ rows/m);
    for (const [table, { rows }] of Object.entries(before))
      expect(moved.output).toMatch(new RegExp(`^${table} +${rows} rows  sha256 [0-9a-f]{64}$`, 'm'));
  });

  it('brings every version back byte for byte there, proves its log, and goes on with the same line of copies', async () => {
    const place = { ...source.place, databaseUrl: target.databaseUrl };
    expect(await runCli('check', [], place)).toMatchObject({ code: 0 });
    const app = await startApp({}, place);
    // The jobs of the source ran at hours ahead of the real time.
    app.clock.advance(24 * 60 * 60 * 1000);
    try {
      const user = await app.anonymous.signIn(source.user.email, source.user.password);
      for (const [id, configs] of source.stored)
        for (const [at, config] of configs.entries()) {
          const answer = await user.get(`${GRAPHS}/${id}/versions/${at + 1}`);
          expect([id, at + 1, answer.configBytes.equals(config)]).toEqual([id, at + 1, true]);
        }
      const admin = await app.admin();
      const [copied] = await runsOf(admin);
      expect(await copyNow(app)).toBe('done');
      expect((await runsOf(admin))[0]).toMatchObject({ kind: 'incremental', generation: copied!.generation });
      expect(await verifyNow(app)).toBe('done');
    } finally {
      await app.stop();
    }
    expect(await runCli('audit-verify', [], place)).toMatchObject({ code: 0 });
    const rebuilt = await newPlace();
    const back = await runCli('vault', ['rebuild', '--to', rebuilt.databaseUrl], place);
    expect(back).toMatchObject({ code: 0 });
    expect(await present(rebuilt)).toEqual(await present(place));
    await rebuilt.remove();
  });
});
