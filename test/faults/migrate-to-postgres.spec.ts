import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../support/child';
import { runCli } from '../support/cli';
import { ApiClient, graphBody } from '../support/client';
import { databaseKind, newPlace, type TestPlace } from '../support/database';
import { GRAPHS, type GraphJson, type VersionJson } from '../support/graphs';
import { rawSql } from '../support/raw-database';

const onPostgres = databaseKind === 'postgres' ? describe : describe.skip;
const USER = { email: 'mover@test.example', password: 'a password of tests' };

onPostgres('an installation on SQLite that is moved to PostgreSQL', () => {
  let folder: string;
  let from: string;
  let target: TestPlace;
  let graphs: string[];
  let before: string[];
  const secrets = {
    SECRET_KEY: randomBytes(48).toString('base64'),
    ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    THROTTLE_LOGIN_PER_MINUTE: '0',
    // A copy between the two reads would change each version's `backup_status`.
    BACKUP_CRON: '0 0 1 1 *',
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'graphomat-test-move-'));
    from = `sqlite:///${join(folder, 'workflow.db')}`;
    const service = await startChild({ ...secrets, DATA_DIR: folder, DATABASE_URL: from });
    graphs = await fill(service.url);
    before = await readAll(service.url, graphs);
    await service.stop();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(async () => void (target = await newPlace()));
  afterEach(() => target.remove());

  const move = (environment: Record<string, string> = secrets) =>
    runCli('migrate-to-postgres', ['--from', from, '--to', target.databaseUrl], target, environment);
  const sourceHash = () =>
    createHash('sha256')
      .update(readFileSync(join(folder, 'workflow.db')))
      .digest('hex');

  it('answers there as it did here, byte for byte, goes on counting where it was, and is untouched here', async () => {
    const source = sourceHash();
    const moved = await move();
    expect(moved).toMatchObject({ code: 0, output: expect.stringContaining('MOVED') as string });
    expect(sourceHash()).toBe(source);

    const service = await startChild({
      ...secrets,
      DATA_DIR: target.dataDir,
      DATABASE_URL: target.databaseUrl,
    });
    try {
      expect(await readAll(service.url, graphs)).toEqual(before);
      const user = await new ApiClient(service.url).signIn(USER.email, USER.password);
      const [last] = await rawSql(target, 'SELECT max(seq) AS seq FROM journal');
      const made = await user.post(GRAPHS, graphBody('after the move', '[ 1 ]'));
      expect(made.status).toBe(201);
      const [now] = await rawSql(target, 'SELECT max(seq) AS seq FROM journal');
      expect(Number(now!['seq'])).toBeGreaterThan(Number(last!['seq']));
      expect((await user.put(`${GRAPHS}/${graphs[0]}`, graphBody('changed', '[ 2 ]'))).status).toBe(200);
    } finally {
      await service.stop();
    }
    expect(await runCli('check', [], target, secrets)).toMatchObject({ code: 0 });
  });

  it('is not moved onto a database that holds something', async () => {
    expect(await move()).toMatchObject({ code: 0 });
    const again = await move();
    expect(again).toMatchObject({ code: 2, output: expect.stringContaining('is not empty') as string });
  });

  it('is not moved without its master key', async () => {
    const other = { ...secrets, ENCRYPTION_KEY: randomBytes(32).toString('base64') };
    const refused = await move(other);
    expect(refused).toMatchObject({ code: 2, output: expect.stringContaining('master key') as string });
  });

  it('is not moved while its service runs, and nothing is in the way of moving it afterwards', async () => {
    const service = await startChild({ ...secrets, DATA_DIR: folder, DATABASE_URL: from });
    const refused = await move();
    await service.stop();
    expect(refused).toMatchObject({ code: 2, output: expect.stringContaining('already runs') as string });
    expect(await move()).toMatchObject({ code: 0 });
  });

  it('names what is wrong with the addresses it is given', async () => {
    const to = target.databaseUrl;
    expect(await runCli('migrate-to-postgres', [], target, secrets)).toMatchObject({ code: 2 });
    for (const args of [
      ['--from', to, '--to', to],
      ['--from', from, '--to', from],
      ['--from', `sqlite:///${folder}/none.db`, '--to', to],
    ]) {
      const refused = await runCli('migrate-to-postgres', args, target, secrets);
      expect(refused.code).toBe(2);
      expect(refused.output).toMatch(/--from must|--to must|database .* does not exist/);
    }
  });
});

/** Graphs with histories, texts in many scripts, a label, a pin, one in the bin; returns their ids. */
async function fill(url: string): Promise<string[]> {
  const anonymous = new ApiClient(url);
  await anonymous.post('/api/v1/auth/register', USER);
  const user = await anonymous.signIn(USER.email, USER.password);
  const ids: string[] = [];
  for (let graph = 0; graph < 12; graph += 1) {
    const made = await user.post(GRAPHS, graphBody(`Größe 大 🙂 ${graph}`, `{ "n":  ${graph} }`));
    const { id } = made.json<GraphJson>();
    ids.push(id);
    for (let n = 0; n < 6; n += 1) {
      const config = `{ "nodes": [${'{"id": 1.0},'.repeat(20 * (n + 1))} {"last": ${n}}] }`;
      await user.put(`${GRAPHS}/${id}`, graphBody(`Größe 大 🙂 ${graph}`, config));
    }
  }
  expect((await user.delete(`${GRAPHS}/${ids.pop()}`)).status).toBeLessThan(300);
  return ids;
}

/** Everything a user sees of these graphs: their present state, their history, each version's bytes. */
async function readAll(url: string, ids: readonly string[]): Promise<string[]> {
  const user = await new ApiClient(url).signIn(USER.email, USER.password);
  const texts: string[] = [(await user.get(`${GRAPHS}?limit=500`)).text];
  for (const id of ids) {
    texts.push((await user.get(`${GRAPHS}/${id}`)).text);
    const listed = await user.get(`${GRAPHS}/${id}/versions?limit=500`);
    texts.push(listed.text);
    for (const { version } of listed.json<VersionJson[]>())
      texts.push((await user.get(`${GRAPHS}/${id}/versions/${version}`)).text);
  }
  return texts;
}
