import { startApp } from '../support/app';
import { startChild, type ChildService } from '../support/child';
import { runCli } from '../support/cli';
import { databaseKind, migratedPlace, type TestPlace } from '../support/database';
import { WriteLoad } from '../support/load';

/** Each is met at another moment; KILLS=50 takes two minutes. */
const KILLS = Number(process.env['KILLS'] ?? (databaseKind === 'sqlite' ? 10 : 5));
const CLIENTS = 8;

let place: TestPlace;
let child: ChildService | undefined;
beforeEach(async () => {
  place = await migratedPlace();
});
afterEach(async () => {
  await child?.stop('SIGKILL');
  await place.remove();
});

const start = async () =>
  (child = await startChild({
    DATA_DIR: place.dataDir,
    DATABASE_URL: place.databaseUrl,
    THROTTLE_LOGIN_PER_MINUTE: '0',
    LOG_LEVEL: 'info',
  }));

it(`keeps every answered write, whole and without a hole, through ${KILLS} times kill -9 under load on the same data`, async () => {
  const load = new WriteLoad();
  let running = await start();
  for (let kill = 1; kill <= KILLS; kill += 1) {
    let killed = false;
    // Not at a time but after so many answers: while other clients' requests are in progress.
    const after = 20 + ((kill * 17) % 41);
    const current = running;
    await load.run(current.url, CLIENTS, (answers) => {
      if (answers < after || killed) return;
      killed = true;
      void current.stop('SIGKILL');
    });
    expect(killed).toBe(true);
    expect(await current.stop('SIGKILL')).toBeNull();
    if (kill === KILLS) break;
    // The one that is checked takes the next load.
    running = await start();
    const { versions } = await load.verifyNew(running.url);
    expect(versions).toBeGreaterThanOrEqual(load.answeredVersions);
  }
  // All of it once more, after the last kill.
  const last = await startApp({}, place);
  const { versions } = await load.verify(last.url);
  expect(versions).toBeGreaterThanOrEqual(load.answeredVersions);
  await last.stop();
  expect(load.answeredVersions).toBeGreaterThanOrEqual(KILLS * 20);
  // Nothing but the kills has ended a client: no request was answered with an error.
  expect(load.refusals.filter((refusal) => 'status' in refusal)).toEqual([]);
  const checked = await runCli('check', [], place);
  expect(checked.output).toMatch(/0 graphs damaged/);
  expect(checked.code).toBe(0);
});
