import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArchiveManifest, GraphManifest } from '../../src/archives/domain/manifest';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraphOf, sha256, versionsOf, type GraphJson } from '../support/graphs';
import { expectProblem } from '../support/problem';
import { hasProgram } from '../support/programs';
import { PATIENCE_MS, until } from '../support/within';
import { unzip } from '../support/zip';

let app: TestApp;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  app.clock.stop();
  user = await app.aUser();
});

const pathOf = ({ id }: { id: string }) => `${GRAPHS}/${id}`;
const json = <T>(files: Map<string, { bytes: Buffer }>, path: string) =>
  JSON.parse(files.get(path)?.bytes.toString() ?? 'null') as T;

/** Spellings that a parser would change. */
const FIRST = '{"a": 1.0,\r\n "a":1e400}';
const EXACT = [FIRST, '[12345678901234567890, "\\u0041"]', FIRST];

/** A graph with one version for each of `EXACT`, two seconds apart. */
async function aHistory(title = 'Order intake'): Promise<GraphJson> {
  const graph = await aGraphOf(user, FIRST, title);
  for (const config of EXACT.slice(1)) {
    app.clock.advance(2_000);
    await user.put(pathOf(graph), `{"config":${config}}`);
  }
  return graph;
}

describe('the export of an account', () => {
  it('holds every version of every graph byte for byte, also of those in the trash', async () => {
    const graph = await aHistory();
    const deleted = await aGraphOf(user, '[0]', 'In the trash');
    await user.delete(pathOf(deleted));
    await user.send('PATCH', `${pathOf(graph)}/versions/2`, { label: 'Release 1', pinned: true });
    await user.put('/api/v1/backup-policy', { keep_last: 7 });

    const answer = await user.get('/api/v1/export');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/zip');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="graphs.zip"');
    const files = await unzip(answer.bytes);
    const manifest = json<ArchiveManifest>(files, 'manifest.json');
    expect(manifest).toMatchObject({ format: 'graphomat-backup-archive', policy: { keep_last: 7 } });
    expect(manifest.graphs.map(({ title, versions }) => [title, versions])).toEqual([
      ['Order intake', 3],
      ['In the trash', 2],
    ]);

    const [first, second] = manifest.graphs.map(({ folder }) => folder);
    const whole = json<GraphManifest>(files, `${first}/graph.json`);
    expect(whole).toMatchObject({ id: graph.id, title: 'Order intake', deleted_at: null, policy: null });
    expect(whole.versions.map(({ version, label, pinned }) => [version, label, pinned])).toEqual([
      [1, null, false],
      [2, 'Release 1', true],
      [3, null, false],
    ]);
    const listed = (await versionsOf(user, graph.id)).reverse();
    whole.versions.forEach(({ file, config_sha256, created_at }, index) => {
      const bytes = files.get(`${first}/${file}`)?.bytes ?? Buffer.alloc(0);
      expect(bytes.toString()).toBe(EXACT[index]);
      expect(config_sha256).toBe(sha256(bytes));
      expect(created_at).toBe(listed[index]?.created_at);
    });
    // Equal bytes are in the archive once.
    expect(whole.versions[2]?.file).toBe(whole.versions[0]?.file);
    expect(json<GraphManifest>(files, `${second}/graph.json`).deleted_at).not.toBeNull();
  });

  it('holds no graph of another user', async () => {
    await aHistory();
    const other = await app.aUser();
    const files = await unzip((await other.get('/api/v1/export')).bytes);
    expect([...files.keys()]).toEqual(['manifest.json']);
  });

  it('gives files safe names, whatever the titles are', async () => {
    for (const title of ['../../etc/passwd', 'CON', 'a/b\\c:d*', 'Ärger…', '日本語', 'x'.repeat(200)]) {
      await aGraphOf(user, '{}', title);
    }
    const files = await unzip((await user.get('/api/v1/export')).bytes);
    for (const path of files.keys()) {
      expect(path).toMatch(/^(manifest\.json|graphs\/[a-z0-9][a-z0-9-]{0,99}\/(graph|v\d{6})\.json)$/);
    }
    expect([...files.keys()].filter((path) => path.endsWith('graph.json'))).toHaveLength(6);
  });

  it('is in the audit log', async () => {
    const graph = await aHistory();
    await user.get('/api/v1/export');
    await user.get(`${pathOf(graph)}/export?format=git`);
    const events = (await user.get('/api/v1/audit?limit=2')).json<
      { action: string; subject_id: string; details: unknown }[]
    >();
    expect(events.map(({ action, subject_id, details }) => ({ action, subject_id, details }))).toEqual([
      { action: 'graph.exported', subject_id: graph.id, details: { format: 'git' } },
      { action: 'user.data_exported', subject_id: user.userId, details: { format: 'zip' } },
    ]);
  });
});

describe('exports whose client does not read', () => {
  /** Begins an export and reads nothing of its body. */
  const unread = () =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { authorization: `Bearer ${user.token}` };
      get(`${app.url}/api/v1/export`, { headers, agent: false }, resolve).once('error', reject);
    });

  it('are two at a time for a user; others export meanwhile, and a client that leaves frees its place', async () => {
    // More than sockets take, and nothing makes it smaller.
    await aGraphOf(user, JSON.stringify([randomBytes(9_000_000).toString('base64')]), 'Large');
    const answers = await Promise.all([unread(), unread()]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    const refused = await user.get('/api/v1/export');
    expectProblem(refused, 429, 'too-many-exports');
    expect(refused.headers.get('retry-after')).toBe('2');
    expect((await (await app.aUser()).get('/api/v1/export')).status).toBe(200);
    for (const answer of answers) answer.destroy();
    await until(PATIENCE_MS, 'a free place', async () =>
      (await user.get('/api/v1/export')).status === 200 ? true : undefined,
    );
  });
});

describe('the export of a graph', () => {
  it('is an archive of this graph alone', async () => {
    const graph = await aHistory();
    await aGraphOf(user, '[1]', 'Another one');
    const answer = await user.get(`${pathOf(graph)}/export`);
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="order-intake.zip"');
    const manifest = json<ArchiveManifest>(await unzip(answer.bytes), 'manifest.json');
    expect(manifest.graphs).toHaveLength(1);
    expect(manifest.graphs[0]?.id).toBe(graph.id);
  });

  it('is the present config byte for byte', async () => {
    const graph = await aGraphOf(user, FIRST, 'Order intake');
    const answer = await user.get(`${pathOf(graph)}/export?format=json`);
    expect(answer.text).toBe(FIRST);
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="order-intake.json"');
  });

  it('is 404 for a graph of another user, in every format, and 400 for another format', async () => {
    const graph = await aHistory();
    const other = await app.aUser();
    for (const format of ['zip', 'git', 'json']) {
      expectProblem(await other.get(`${pathOf(graph)}/export?format=${format}`), 404, 'not-found');
    }
    expect((await user.get(`${pathOf(graph)}/export?format=tar`)).status).toBe(400);
  });

  const git = hasProgram('git') ? it : it.skip;
  git('is a history that git imports: bytes, times, author, renames and the trash (needs git)', async () => {
    const graph = await aHistory('Order <intake>\n');
    app.clock.advance(2_000);
    await user.put(pathOf(graph), { title: 'Orders', description: 'data 5\nfrom refs/heads/x' });
    app.clock.advance(2_000);
    await user.delete(pathOf(graph));
    const folder = mkdtempSync(join(tmpdir(), 'graphomat-git-'));
    try {
      const stream = (await user.get(`${pathOf(graph)}/export?format=git`)).bytes;
      const run = (args: string[], input?: Buffer) =>
        execFileSync('git', ['-C', folder, ...args], { stdio: 'pipe', ...(input && { input }) }).toString();
      run(['init', '--quiet']);
      run(['fast-import', '--quiet'], stream);
      run(['fsck', '--strict']);
      const commits = run(['log', '--reverse', '--format=%H %at %ae %s', 'main']).trim().split('\n');
      expect(commits.map((line) => line.split(' ').slice(3).join(' '))).toEqual([
        'Order <intake>: created',
        'Order <intake>: updated',
        'Order <intake>: updated',
        'Orders: updated',
        'Orders: deleted',
      ]);
      const [start = 0] = commits.map((line) => Number(line.split(' ')[1]));
      expect(commits.map((line) => Number(line.split(' ')[1]) - start)).toEqual([0, 2, 4, 6, 8]);
      expect(new Set(commits.map((line) => line.split(' ')[2]))).toEqual(new Set([user.credentials?.email]));
      const hashes = commits.map((line) => line.split(' ')[0] ?? '');
      EXACT.forEach((config, index) =>
        expect(run(['show', `${hashes[index]}:order-intake.json`])).toBe(config),
      );
      expect(run(['ls-tree', '--name-only', hashes[3] ?? ''])).toBe('orders.json\n');
      expect(run(['ls-tree', '--name-only', hashes[4] ?? ''])).toBe('');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  git('cannot be misled by titles, descriptions and labels (needs git)', async () => {
    const hostile =
      'x\ncommit refs/heads/evil\ncommitter a <b> 1 +0000\ndata 0\n"..//../.git/hooks/\u202e\u0007';
    const graph = await aGraphOf(user, FIRST, hostile);
    await user.put(pathOf(graph), { description: `${hostile}\nM 100644 inline x\ndone\n` });
    await user.send('PATCH', `${pathOf(graph)}/versions/1`, { label: 'a\n\nreset refs/heads/evil' });
    const folder = mkdtempSync(join(tmpdir(), 'graphomat-git-'));
    try {
      const stream = (await user.get(`${pathOf(graph)}/export?format=git`)).bytes;
      const run = (args: string[], input?: Buffer) =>
        execFileSync('git', ['-C', folder, ...args], { stdio: 'pipe', ...(input && { input }) }).toString();
      run(['init', '--quiet']);
      run(['fast-import', '--quiet'], stream);
      run(['fsck', '--strict']);
      expect(run(['for-each-ref', '--format=%(refname)'])).toBe('refs/heads/main\n');
      expect(run(['log', '--format=%ae', 'main']).trim().split('\n')).toHaveLength(2);
      expect(run(['ls-tree', '-r', '--name-only', 'main'])).toMatch(/^[a-z0-9-]+\.json\n$/);
      expect(() => run(['fast-import', '--quiet'], stream.subarray(0, stream.length - 5))).toThrow(
        'Command failed',
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
