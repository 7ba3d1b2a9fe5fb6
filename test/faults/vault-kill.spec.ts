import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app';
import { startChild, type ChildService } from '../support/child';
import { ApiClient } from '../support/client';
import { runCli, spawnCli, type CliResult } from '../support/cli';
import { databaseKind, migratedPlace, newPlace, type TestPlace } from '../support/database';
import { aGraphOf, GRAPHS, type GraphJson } from '../support/graphs';
import { countedIn, killPoint, KILLABLE, spread } from '../support/killed';
import { rawSql } from '../support/raw-database';
import { calledStored, missingIn, present, recoverable } from '../support/recovered';
import { copyNow, requestCopy, verifyNow } from '../support/vault';
import { untilAlone } from '../support/waiting';
import { PATIENCE_MS, until } from '../support/within';

/**
 * Spread evenly over all that a copy or a rebuild writes, to the database and to files. The other database differs in
 * nothing here but how a state is read.
 */
const KILLS = databaseKind === 'sqlite' ? 10 : 4;
const YEARLY = '0 0 1 1 *';
const SETTINGS = { BACKUP_FULL_CRON: YEARLY, BACKUP_KEEP_GENERATIONS: '1' };

let place: TestPlace;
let child: ChildService | undefined;
beforeEach(async () => {
  child = undefined;
  place = await migratedPlace();
});
afterEach(async () => {
  await child?.stop('SIGKILL');
  await place.remove();
});

const vault = () => join(place.dataDir, 'vault');
/** What no compression makes smaller, so that it takes several writes. */
const large = (bytes: number) => JSON.stringify({ picture: randomBytes(bytes).toString('base64') });

describe.each(['incremental', 'full'] as const)('killed in the middle of a copy, %s', (kind) => {
  /** Their tokens outlive the service that gave them. */
  let owner: ApiClient;
  let admin: ApiClient;
  let ids: string[];

  async function someCopies(): Promise<void> {
    const app = await startApp(SETTINGS, place);
    [owner, admin] = [await app.aUser(), await app.admin()];
    ids = [];
    for (let graph = 0; graph < 4; graph += 1) ids.push((await aGraphOf(owner, large(150_000))).id);
    expect(await requestCopy(app, 'full')).toMatchObject({ error: null });
    await app.stop();
  }

  /** Changes two graphs and copies, in a process that is killed before a statement, or when its copy has ended. */
  async function copied(at: number): Promise<{ counted: number | null }> {
    child = await startChild(
      {
        ...{ DATA_DIR: place.dataDir, DATABASE_URL: place.databaseUrl, ...SETTINGS },
        ...killPoint({ at, from: 'INSERT INTO job_runs', jobs: [], files: vault() }),
      },
      KILLABLE,
    );
    const [user, operator] = [new ApiClient(child.url, owner.token), new ApiClient(child.url, admin.token)];
    for (const id of ids.slice(0, 2))
      expect((await user.put(`${GRAPHS}/${id}`, `{"config":${large(60_000)}}`)).status).toBe(200);
    // Answered when the run is recorded; refused by the kill.
    await operator.post('/api/v1/backups/runs', { kind }).catch(() => undefined);
    await until(PATIENCE_MS, 'the kill, or the end of the copy', async () => {
      const [run] = await rawSql(place, 'SELECT status FROM job_runs ORDER BY started_at DESC, fence DESC');
      return child!.process.signalCode !== null || (run && run['status'] !== 'running') || undefined;
    });
    const counted = await countOf(child);
    await child.stop('SIGKILL');
    // As if the time of the dead run's lease had passed.
    await rawSql(place, 'UPDATE jobs SET expires_at = 0');
    return { counted };
  }

  /** Null if it was killed, which may become known a moment later. */
  async function countOf({ process, lines }: ChildService): Promise<number | null> {
    process.kill('SIGUSR2');
    const { counted } = await until(PATIENCE_MS, 'the number of statements, or the kill', () => {
      if (process.signalCode !== null) return { counted: null };
      const counted = countedIn(lines.join('\n'));
      return counted === null ? undefined : { counted };
    });
    return counted;
  }

  it('the service finds in the vault whatever it has called stored, and goes on', async () => {
    await someCopies();
    const { counted } = await copied(0);
    let killed = 0;
    for (const at of spread(counted!, KILLS)) {
      if ((await copied(at)).counted === null) killed += 1;
      expect(missingIn((await recoverable(place))!, await calledStored(place))).toEqual([]);
    }
    // A copy may need some statements less than the one that was counted.
    expect(killed).toBeGreaterThan(KILLS / 2);
    const app = await startApp(SETTINGS, place);
    expect(await requestCopy(app, 'incremental')).toMatchObject({ error: null });
    await app.stop();
    expect(missingIn((await recoverable(place))!, await present(place))).toEqual([]);
    const seen = await spawnCli('vault', ['verify'], place);
    expect(seen).toMatchObject({ code: 0, output: expect.stringContaining(' 0 faults') as string });
  });
});

describe('killed in the middle of a rebuild', () => {
  async function manyCopies(app: TestApp): Promise<void> {
    const user = await app.aUser();
    for (let graph = 0; graph < 6; graph += 1) {
      const { id } = await aGraphOf(user, large(100_000));
      for (let i = 0; i < 3; i += 1)
        await user.put(`${GRAPHS}/${id}`, `{"title":"${i}","config":${large(50_000)}}`);
      expect(await copyNow(app)).toBe('done');
    }
    const gone = await user.post(GRAPHS, `{"title":"gone","config":${large(10_000)}}`);
    await user.delete(`${GRAPHS}/${gone.json<GraphJson>().id}`);
    await user.post(`${GRAPHS}/${gone.json<GraphJson>().id}/purge`);
    expect(await copyNow(app)).toBe('done');
    expect(await verifyNow(app)).toBe('done');
  }

  const rebuildTo = ({ databaseUrl }: TestPlace) => ['rebuild', '--to', databaseUrl];
  const rebuilt = (target: TestPlace): Promise<CliResult> => runCli('vault', rebuildTo(target), place);
  async function killable(target: TestPlace, environment: Record<string, string>): Promise<CliResult> {
    const loaded = { NODE_OPTIONS: KILLABLE.join(' '), ...environment };
    const ended = await spawnCli('vault', rebuildTo(target), place, loaded);
    await untilAlone(target);
    return ended;
  }

  it('it goes on where it was, and ends with everything', async () => {
    const app = await startApp({}, place);
    await manyCopies(app);
    await app.stop();
    const expected = await present(place);
    const statements = await countRebuild();
    await expectStopInOrder(expected);
    const points = spread(statements, KILLS);
    let kills = 0;
    while (kills < KILLS) {
      const target = await newPlace();
      // Killed again and again on the same target; a run that goes on has less to do, and may get to its end.
      let counted: number | null = null;
      while (counted === null && kills < KILLS) {
        counted = countedIn((await killable(target, killPoint({ at: points[kills]! }))).output);
        kills += counted === null ? 1 : 0;
      }
      // 2: all had been done before, and it says so.
      expect([0, 2]).toContain((await rebuilt(target)).code);
      expect(await present(target)).toEqual(expected);
      expect(await runCli('check', [], { ...target, dataDir: place.dataDir })).toMatchObject({ code: 0 });
      await target.remove();
    }
  });

  async function countRebuild(): Promise<number> {
    const target = await newPlace();
    const { code, output } = await killable(target, {});
    await target.remove();
    expect(code).toBe(0);
    return countedIn(output)!;
  }

  /** A rebuild that is interrupted says so by its exit code, and continues as one that was killed. */
  async function expectStopInOrder(expected: Map<string, string>): Promise<void> {
    const target = await newPlace();
    const interrupted = {
      ...killPoint({ at: 3, from: 'INSERT INTO rebuild_progress' }),
      KILLED_WITH: 'SIGINT',
    };
    const stopped = await killable(target, interrupted);
    expect(stopped).toMatchObject({ code: 1, output: expect.stringContaining('Stopped.') as string });
    expect(await rebuilt(target)).toMatchObject({ code: 0 });
    expect(await present(target)).toEqual(expected);
    await target.remove();
  }
});
