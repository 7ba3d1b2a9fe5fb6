import { JobRunner } from '../../src/platform/jobs/job-runner';
import { seedYear } from '../bench/year/year-seed';
import { startApp, type TestApp } from '../support/app';
import { databaseKind } from '../support/database';
import type { ApiClient } from '../support/client';
import { GRAPHS, type GraphJson } from '../support/graphs';
import { collectStatements, type SeenStatement } from '../support/statements';

/** Small enough for a test, and larger than anything that an answer or a step of a job returns. */
const YEAR = { accounts: 1_500, events: 12_000, versions: 9_000, history: 4_000, graphs: 2_500 };
/** The rows of one statement of a read, and of a step of a job: a page and one more, or a batch. */
const ROWS_OF_READ = 501;
const ROWS_OF_STEP = 2_500;

const ADMIN = 'administrator';
const API = '/api/v1';
let app: TestApp;
let user: ApiClient;
let long: string;

// The rows are made for SQLite; how PostgreSQL finds them is tested in long-lists.spec.ts and retention-cost.spec.ts.
const onSqlite = databaseKind === 'sqlite' ? describe : describe.skip;

onSqlite('a year of an installation', () => {
  beforeAll(async () => {
    app = await startApp();
    user = await app.aUser();
    const file = app.place.databaseUrl.slice('sqlite:///'.length);
    seedYear(app.place.dataDir, file, user.credentials!.email, YEAR, app.clock.now());
    const found = await user.get(`${GRAPHS}?q=long`);
    long = found.json<GraphJson[]>()[0]!.id;
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => app.close());

  it.each([
    ...['clock', 'usage', 'seal', 'vault-copy', 'housekeeping', 'retention', 'usage-check'],
    ...['seal-verification', 'vault-verify'],
  ])('job %s reads and writes in steps', async (job) => {
    const seen = collectStatements();
    const { ended } = await app.service.app.get(JobRunner).trigger(job);
    expect(await ended).toMatchObject({ status: 'done', error: null });
    expect(tooMany(seen, ROWS_OF_STEP)).toEqual([]);
  });

  it.each(['clock', 'usage', 'seal', 'vault-copy', 'housekeeping', 'retention'])(
    'job %s costs little when there is nothing new',
    async (job) => {
      const run = async () => (await app.service.app.get(JobRunner).trigger(job)).ended;
      await run();
      const seen = collectStatements();
      expect(await run()).toMatchObject({ status: 'done' });
      expect(seen.length).toBeLessThan(200);
      expect(tooMany(seen, ROWS_OF_READ)).toEqual([]);
    },
  );

  it.each([
    ...['/graphs', '/graphs?limit=500', '/graphs?q=zzz', '/graphs?q=order', '/graphs?skip=2400'],
    ...['/graphs?sort=-updated_at', '/graphs?sort=title&skip=2000', '/graphs?include=config,versions'],
    ...['/graphs/{id}', '/graphs/{id}/versions', '/graphs/{id}/versions?limit=500&skip=3000'],
    ...['/graphs/{id}/versions/2000', '/graphs/{id}/diff?from=1&to=2000', '/graphs/{id}/backup-policy'],
    ...['/audit', '/audit?limit=500&skip=2500', '/audit?action=graph.purged', '/audit?graph_id={id}'],
    ...['/auth/me', '/auth/tokens', '/backup-policy', '/backups/status'],
  ])('GET %s reads no more rows than it returns', async (path) => {
    const seen = collectStatements();
    const answer = await user.get(`${API}${path.replaceAll('{id}', long)}`);
    expect([answer.status, tooMany(seen, ROWS_OF_READ)]).toEqual([200, []]);
    // A list with versions reads those of each graph.
    expect(seen.length).toBeLessThan(path.includes('include') ? 600 : 20);
  });

  it.each([
    ...['/users', '/users?limit=500&skip=1400', '/audit', '/audit?skip=11000', '/audit?action=graph.purged'],
    ...['/backups/runs', '/backups/verifications', '/retention/runs', '/monitoring/backups'],
    ...['/monitoring/performance', '/monitoring/errors'],
  ])(`GET %s reads no more rows than it returns, for an ${ADMIN}`, async (path) => {
    const admin = await app.admin();
    const seen = collectStatements();
    const answer = await admin.get(`${API}${path}`);
    expect([answer.status, tooMany(seen, ROWS_OF_READ)]).toEqual([200, []]);
    expect(seen.length).toBeLessThan(20);
  });
});

const tooMany = (seen: readonly SeenStatement[], most: number) => seen.filter(({ rows }) => rows > most);
