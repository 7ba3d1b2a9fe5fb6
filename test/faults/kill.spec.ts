import { startChild, type ChildService } from '../../scripts/child-service';
import { HttpSession } from '../../scripts/http-session';
import { runCli } from '../support/cli';
import { newPlace } from '../support/database';
import { Load, findLost, type Answered } from '../support/load';

const KILLS = 10;
const WRITERS = 8;

it('loses no answered write when it is killed under load, ten times over', async () => {
  const place = await newPlace();
  const environment = { DATA_DIR: place.dataDir, DATABASE_URL: place.databaseUrl, LOG_FORMAT: 'json' };
  const answered: Answered = new Map();
  const start = async (): Promise<[ChildService, HttpSession]> => {
    const service = await startChild(environment);
    const session = new HttpSession(service.url, WRITERS);
    await session.signIn('load@test.example', 'a password for the load');
    return [service, session];
  };
  try {
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const [service, session] = await start();
      expect(await findLost(session, answered)).toEqual([]);
      const load = new Load(session, answered, WRITERS);
      // At another point of the group's life each time.
      await load.until(20 + kill * 7);
      await service.stop('SIGKILL');
      await load.stop();
      session.close();
      expect(load.strange).toEqual([]);
    }
    const [service, session] = await start();
    expect(await findLost(session, answered)).toEqual([]);
    session.close();
    expect(await service.stop()).toBe(0);
    expect([...answered.values()].reduce((sum, versions) => sum + versions.size, 0)).toBeGreaterThan(500);
    const check = await runCli('check', [], place);
    expect(check).toMatchObject({ code: 0, output: expect.stringContaining('0 graphs damaged') });
  } finally {
    await place.remove();
  }
}, 240_000);
