import { deflateRawSync } from 'node:zlib';
import type { GraphManifest } from '../../src/archives/domain/manifest';
import { JobRunner } from '../../src/platform/jobs/job-runner';
import { startApp, type TestApp } from '../support/app';
import { contentOf } from '../support/archives';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraphOf, sha256, versionsOf, type GraphJson } from '../support/graphs';
import { expectProblem } from '../support/problem';
import { unzip, zipOf } from '../support/zip';

const IMPORT = '/api/v1/import';
const ZIP = { 'content-type': 'application/zip' };

let app: TestApp;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp({ MAX_BODY_BYTES: '65536', MAX_IMPORT_BYTES: '4000000' });
});
afterAll(() => app.close());
beforeEach(async () => {
  app.clock.stop();
  user = await app.aUser();
});

interface Report {
  created: number;
  extended: number;
  skipped: number;
  refused: number;
  entries: {
    name: string | null;
    title: string | null;
    action: string;
    graph_id: string | null;
    versions: number;
    reason: string | null;
  }[];
}

const pathOf = ({ id }: { id: string }) => `${GRAPHS}/${id}`;
const exported = async (client: ApiClient) => (await client.get('/api/v1/export')).bytes;
const listed = async (client: ApiClient) =>
  (await client.get(`${GRAPHS}?deleted=include`)).json<GraphJson[]>();

async function imported(client: ApiClient, archive: Buffer, query = ''): Promise<Report> {
  const answer = await client.post(IMPORT + query, archive, ZIP);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.json<Report>();
}

/** Two graphs, one of them in the trash, with a label, a pin, a new title and spellings that a parser would change. */
async function anAccount(): Promise<GraphJson> {
  const graph = await aGraphOf(user, '{"a": 1.0,\r\n "a":1e400}', 'Order intake');
  for (const body of [
    '{"config":[12345678901234567890, "\\u0041"]}',
    '{"title":"Orders","status":"active"}',
  ]) {
    app.clock.advance(2_000);
    await user.put(pathOf(graph), body);
  }
  await user.send('PATCH', `${pathOf(graph)}/versions/2`, { label: 'Release 1', pinned: true });
  await user.put(`${pathOf(graph)}/backup-policy`, { keep_last: 3 });
  const deleted = await aGraphOf(user, '[0]', 'In the trash');
  app.clock.advance(2_000);
  await user.delete(pathOf(deleted));
  app.clock.advance(60_000);
  return graph;
}

describe('the import of an export', () => {
  it('gives the same graphs in an empty account: bytes, times, marks, policies and the trash', async () => {
    const graph = await anAccount();
    const archive = await exported(user);
    const other = await app.aUser();
    const report = await imported(other, archive);
    expect(report).toMatchObject({ created: 2, extended: 0, skipped: 0, refused: 0 });

    expect(await contentOf(await exported(other))).toEqual(await contentOf(archive));
    const versions = await versionsOf(other, graph.id);
    expect(versions.map(({ change }) => change)).toEqual(['imported', 'imported', 'imported']);
    expect((await listed(other)).map(({ title, deleted_at }) => [title, deleted_at !== null])).toEqual([
      ['In the trash', true],
      ['Orders', false],
    ]);
    // The states at past times can be read, as before.
    const then = await other.get(`${pathOf(graph)}?at=${encodeURIComponent(versions[2]!.created_at)}`);
    expect(then.configBytes.toString()).toBe('{"a": 1.0,\r\n "a":1e400}');
  });

  it('skips what is here, however often it is repeated', async () => {
    const graph = await anAccount();
    const archive = await exported(user);
    await user.put(pathOf(graph), { title: 'Changed since' });
    const before = await listed(user);
    const report = await imported(user, archive);
    expect(report).toMatchObject({ created: 0, skipped: 2 });
    expect(report.entries.map(({ reason }) => reason)).toEqual(Array(2).fill('All its versions are here.'));
    expect(await listed(user)).toEqual(before);
  });

  it('continues an import that broke off, and adds newer versions', async () => {
    const graph = await anAccount();
    const older = await exported(user);
    await user.put(pathOf(graph), '{"config":[1]}');
    const newer = await exported(user);
    const other = await app.aUser();
    await imported(other, older);
    const report = await imported(other, newer);
    expect(report).toMatchObject({ created: 0, extended: 1, skipped: 1 });
    expect(await contentOf(await exported(other))).toEqual(await contentOf(newer));
  });

  it('continues after any version, also where only titles and the trash differ', async () => {
    const graph = await aGraphOf(user, '[1]', 'First title');
    for (const change of [{ title: 'Second title' }, { description: 'x' }, { status: 'active' }]) {
      app.clock.advance(1_000);
      await user.put(pathOf(graph), change);
    }
    app.clock.advance(1_000);
    await user.delete(pathOf(graph));
    const archive = await exported(user);
    for (const kept of [1, 2, 3, 4]) {
      const files = await unzip(archive);
      const [path = ''] = [...files.keys()].filter((name) => name.endsWith('graph.json'));
      const manifest = JSON.parse(files.get(path)!.bytes.toString()) as GraphManifest;
      const begun = { ...manifest, versions: manifest.versions.slice(0, kept) };
      files.get(path)!.bytes = Buffer.from(JSON.stringify(begun));
      const other = await app.aUser();
      await imported(other, await zipOf(files));
      const report = await imported(other, archive);
      expect(report.entries).toMatchObject([{ action: 'extended', versions: 5 - kept }]);
      expect(await contentOf(await exported(other))).toEqual(await contentOf(archive));
    }
  });

  it('records the deletions of imported graphs at the time of the import', async () => {
    await anAccount();
    const archive = await exported(user);
    const other = await app.aUser();
    await imported(other, archive);
    const events = (await other.get('/api/v1/audit?action=graph.deleted')).json<{ at: string }[]>();
    expect(events.map(({ at }) => Date.parse(at))).toEqual([app.clock.now()]);
  });

  it('leaves out a policy that would keep nothing here, and says so', async () => {
    const graph = await anAccount();
    await user.put(`${pathOf(graph)}/backup-policy`, { keep_daily: 0 });
    const archive = await exported(user);
    const other = await app.aUser();
    const none = { keep_last: 0, keep_within_hours: 0, keep_weekly: 0, keep_monthly: 0, keep_yearly: 0 };
    expect((await other.put('/api/v1/backup-policy', none)).status).toBe(200);
    const report = await imported(other, archive);
    expect(report).toMatchObject({ created: 2, refused: 0 });
    expect(report.entries[0]?.reason).toContain('Its policy was left out');
    expect(await versionsOf(other, graph.id)).toHaveLength(3);
  });

  it('does not bring back what retention has removed since the export', async () => {
    const graph = await anAccount();
    await user.put(pathOf(graph), '{"config":["newest"]}');
    const archive = await exported(user);
    await user.put(`${pathOf(graph)}/backup-policy`, { keep_last: 1, keep_within_hours: 1, keep_daily: 0 });
    app.clock.advance(20 * 60_000 + 2 * 3_600_000);
    const { ended } = await app.service.app.get(JobRunner).trigger('retention');
    expect(await ended).toMatchObject({ status: 'done' });
    const back = await app.anonymous.signIn(user.credentials!.email, user.credentials!.password);
    const left = await versionsOf(back, graph.id);
    expect(left.length).toBeLessThan(4);
    const report = await imported(back, archive);
    expect(report.entries[0]).toMatchObject({
      action: 'skipped',
      reason: expect.stringContaining('are not brought back') as string,
    });
    expect(await versionsOf(back, graph.id)).toEqual(left);
  });

  it('gives a graph a new id whose time in the trash is over', async () => {
    const graph = await anAccount();
    await user.delete(pathOf(graph));
    const archive = await exported(user);
    app.clock.advance(31 * 86_400_000);
    const back = await app.anonymous.signIn(user.credentials!.email, user.credentials!.password);
    const report = await imported(back, archive);
    expect(report).toMatchObject({ created: 2, refused: 0 });
    expect(report.entries[0]?.graph_id).not.toBe(graph.id);
  });

  it('leaves a graph alone whose history differs, and says so', async () => {
    const graph = await anAccount();
    const archive = await exported(user);
    const other = await app.aUser();
    await imported(other, archive);
    await other.put(pathOf(graph), '{"config":["here"]}');
    await user.put(pathOf(graph), '{"config":["there"]}');
    const report = await imported(other, await exported(user));
    expect(report.entries[0]).toMatchObject({
      action: 'refused',
      reason: expect.stringContaining('differs') as string,
    });
    expect((await other.get(pathOf(graph))).configBytes.toString()).toBe('["here"]');
  });

  it('says what it would do in a dry run, and writes nothing', async () => {
    await anAccount();
    const archive = await exported(user);
    const other = await app.aUser();
    const report = await imported(other, archive, '?dry_run=true');
    expect(report).toMatchObject({ dry_run: true, created: 2 });
    expect(report.entries.map(({ versions }) => versions)).toEqual([3, 2]);
    expect(await listed(other)).toEqual([]);
    expect((await other.get('/api/v1/backup-policy')).json()).toMatchObject({ keep_last: 20 });
  });

  it('gives a graph that was purged here a new id', async () => {
    const graph = await anAccount();
    const archive = await exported(user);
    await user.delete(pathOf(graph));
    await user.post(`${pathOf(graph)}/purge`);
    const report = await imported(user, archive);
    expect(report.entries[0]).toMatchObject({ action: 'created', versions: 3 });
    expect(report.entries[0]?.graph_id).not.toBe(graph.id);
  });

  it('refuses a version whose bytes are not the ones of the manifest, and imports the other graphs', async () => {
    const graph = await anAccount();
    const files = await unzip(await exported(user));
    const path = [...files.keys()].find((name) => name.includes(graph.id) && name.endsWith('v000002.json'))!;
    files.get(path)!.bytes = Buffer.from('["forged"]');
    const report = await imported(await app.aUser(), await zipOf(files));
    expect(report).toMatchObject({ created: 1, refused: 1 });
    expect(report.entries[0]).toMatchObject({
      graph_id: graph.id,
      versions: 1,
      reason: `${path} does not have the SHA-256 that its manifest names. Of 3 versions, 1 are here.`,
    });
  });

  it('counts against the quota', async () => {
    const small = await startApp({ USER_QUOTA_BYTES: '30' });
    try {
      await anAccount();
      const report = await imported(await small.aUser(), await exported(user));
      expect(report.entries.map(({ action }) => action)).toContain('refused');
      expect(report.entries.find(({ action }) => action === 'refused')?.reason).toContain('quota');
    } finally {
      await small.close();
    }
  });
});

describe('the import of workflow files', () => {
  const FLOW = '[{"id":"a","type":"tab","label":"Sheet 1"},{"id":"b","type":"inject","z":"a","wires":[[]]}]';
  const n8n = (name: string) => `{"name": "${name}",  "nodes":[{"name":"Start"}], "connections":{}}`;

  it('makes one graph of a file, byte for byte, and skips it the second time', async () => {
    const answer = await user.post(IMPORT, `\n ${FLOW} \n`);
    expect(answer.json<Report>()).toMatchObject({ created: 1 });
    const [graph] = await listed(user);
    expect((await user.get(pathOf(graph!))).configBytes.toString()).toBe(FLOW);
    expect((await user.post(IMPORT, FLOW)).json<Report>()).toMatchObject({ created: 0, skipped: 1 });
  });

  it('makes a graph of each workflow in a list, with its own title and bytes', async () => {
    await user.post(IMPORT, `[${n8n('First')},\n ${n8n('Second "one"').replace('"one"', '\\"one\\"')}]`);
    const graphs = await listed(user);
    expect(graphs.map(({ title }) => title)).toEqual(['Second "one"', 'First']);
    expect((await user.get(pathOf(graphs[1]!))).configBytes.toString()).toBe(n8n('First'));
    expect(graphs[1]?.config_sha256).toBe(sha256(n8n('First')));
  });

  it('makes a graph of each file in an archive, named after the file where it has no title', async () => {
    const archive = await zipOf({
      'flows/kitchen.json': FLOW,
      'workflows/a.json': n8n('Orders'),
      'dashboard.json': '{"dashboard":{"title":"Hosts","panels":[]}}',
      'broken.json': '{"nodes":',
      'readme.txt': 'no workflow',
      '__MACOSX/._a.json': 'no workflow',
    });
    const report = await imported(user, archive);
    expect(report.entries.map(({ name, title, action }) => [name, title, action])).toEqual([
      ['flows/kitchen.json', 'kitchen', 'created'],
      ['workflows/a.json', 'Orders', 'created'],
      ['dashboard.json', 'Hosts', 'created'],
      ['broken.json', null, 'refused'],
    ]);
  });
});

describe('bad uploads', () => {
  it('are refused with a sentence, and write nothing', async () => {
    const bomb = await zipOf({ 'bomb.json': Buffer.alloc(3_000_000, ' ') });
    const lying = await zipOf({ 'a.json': '{"a":1}' });
    lying.writeUInt32LE(3, lying.indexOf(Buffer.from('PK\x01\x02')) + 24);
    const huge = await zipOf({ 'a.json': '{"a":1}' });
    huge.writeUInt32LE(0xf000_0000, huge.indexOf(Buffer.from('PK\x01\x02')) + 24);
    const twice = { title: 'x', folder: 'graphs/x' };
    const manifest = { format: 'graphomat-backup-archive', format_version: 1, graphs: [twice, twice] };
    const cases: [Buffer, string][] = [
      [huge, 'would unpack to 4026531840 bytes'],
      [await zipOf({ 'manifest.json': JSON.stringify(manifest) }), '"folder"'],
      [Buffer.from('not a zip'), 'zip archive'],
      [await zipOf({ 'readme.txt': 'x' }), 'no .json files'],
      [
        await zipOf({
          'manifest.json': '{"format":"graphomat-backup-archive","format_version":2,"graphs":[]}',
        }),
        'newer release',
      ],
      [
        await zipOf({ 'manifest.json': '{"format":"graphomat-backup-archive","format_version":1}' }),
        '"graphs"',
      ],
      [
        await zipOf({
          'manifest.json':
            '{"format":"graphomat-backup-archive","format_version":1,"graphs":[{"title":"x","folder":"../x"}]}',
        }),
        '"folder"',
      ],
      [(await exported(user)).subarray(0, 100), 'zip archive'],
    ];
    for (const [archive, words] of cases) {
      const problem = expectProblem(await user.post(IMPORT, archive, ZIP), 422, 'import-unreadable');
      expect(problem.detail).toContain(words);
    }
    const climbing = await zipOf({ 'ab/cd.json': '{}' });
    for (let at = climbing.indexOf('ab/cd'); at >= 0; at = climbing.indexOf('ab/cd', at + 1))
      climbing.write('../cd', at);
    expectProblem(await user.post(IMPORT, climbing, ZIP), 422, 'import-unreadable');
    for (const archive of [bomb, lying])
      expect(await imported(user, archive)).toMatchObject({ created: 0, refused: 1 });
    expect(await listed(user)).toEqual([]);
  });

  it.each([
    ['a blank title', { title: '\u200b\u3164' }, '"title"'],
    ['a blank label', { label: '\u2060' }, '"label"'],
    ['a label that the API would refuse', { label: 'x'.repeat(101) }, '"label"'],
  ])('of a forged archive are refused: %s', async (_, forged, words) => {
    await anAccount();
    const files = await unzip(await exported(user));
    for (const [path, file] of files) {
      if (!path.endsWith('graph.json')) continue;
      const graph = JSON.parse(file.bytes.toString()) as GraphManifest;
      Object.assign(graph.versions[0]!, forged);
      file.bytes = Buffer.from(JSON.stringify(graph));
    }
    const report = await imported(await app.aUser(), await zipOf(files));
    expect(report).toMatchObject({ created: 0, refused: 2 });
    expect(report.entries[0]?.reason).toContain(words);
  });

  it('are 413 above MAX_IMPORT_BYTES, 415 as another type, and 400 without a body', async () => {
    const noise = deflateRawSync(Buffer.from('x'));
    expect((await user.post(IMPORT, Buffer.concat([noise, Buffer.alloc(4_000_001)]), ZIP)).status).toBe(413);
    expect((await user.post(IMPORT, 'x', { 'content-type': 'application/x-tar' })).status).toBe(415);
    expect((await user.post(GRAPHS, Buffer.from('PK'), ZIP)).status).toBe(415);
    expect((await user.post(IMPORT)).status).toBe(400);
    expectProblem(await user.post(IMPORT, '"text"'), 422, 'import-unreadable');
    expectProblem(await user.post(IMPORT, '[1'), 422, 'import-unreadable');
  });
});
