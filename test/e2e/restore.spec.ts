import { AccountsService } from '../../src/auth/accounts.service';
import { startApp, type TestApp } from '../support/app';
import { graphBody, type ApiClient } from '../support/client';
import { pruneVersions } from '../support/upkeep';

let app: TestApp;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.aUser();
});

interface GraphJson {
  id: string;
  version: number;
  title: string;
  created_at: string;
  updated_at: string;
}

async function make(title: string, config: string): Promise<GraphJson> {
  return (await user.post('/api/v1/graphs', graphBody(title, config))).json<GraphJson>();
}

async function put(id: string, body: object): Promise<GraphJson> {
  app.clock.advance(60_000);
  return (await user.put(`/api/v1/graphs/${id}`, body)).json<GraphJson>();
}

async function prune(id: string, versions: number[]): Promise<void> {
  const { key } = await app.service.app.get(AccountsService).find(user.userId!);
  const owner = { userKey: key, userId: user.userId!, graphId: id };
  await pruneVersions(app, owner, versions);
}

const iso = (ms: number) => new Date(ms).toISOString();

describe('restore', () => {
  it('brings back title, description, status and config of a version, as a new version', async () => {
    const { id } = await make('first', '{ "v": 1.0 }');
    await put(id, { description: 'told', status: 'active' });
    await put(id, { title: 'third', description: null, status: 'archived', config: [3] });
    const restored = await user.post(`/api/v1/graphs/${id}/restore`, { version: 2 });
    expect(restored.status).toBe(200);
    expect(restored.json()).toMatchObject({
      version: 4,
      title: 'first',
      description: 'told',
      status: 'active',
    });
    expect(restored.configBytes.toString()).toBe('{ "v": 1.0 }');
    const versions = (await user.get(`/api/v1/graphs/${id}/versions`)).json<object[]>();
    expect(versions[0]).toMatchObject({
      version: 4,
      change: 'restored',
      restored_from: 2,
      title: 'first',
      status: 'active',
    });
    expect((await user.get(`/api/v1/graphs/${id}/versions/4`)).json()).toMatchObject({ description: 'told' });
  });

  it('goes back to a time, and makes a version even when nothing differs', async () => {
    const first = await make('g', '[1]');
    const second = await put(first.id, { config: [2] });
    const between = iso((Date.parse(first.updated_at) + Date.parse(second.updated_at)) / 2);
    const restored = await user.post(`/api/v1/graphs/${first.id}/restore`, { at: between });
    expect(restored.json()).toMatchObject({ version: 3, config: [1] });
    expect((await user.post(`/api/v1/graphs/${first.id}/restore`, { version: 1 })).json()).toMatchObject({
      version: 4,
    });
  });

  it('answers 422 with what can be reached for a time before the first version, in the future, or in the bin', async () => {
    const { id, created_at } = await make('g', '[1]');
    const early = await user.post(`/api/v1/graphs/${id}/restore`, { at: '2020-01-01T00:00:00Z' });
    expect(early.status).toBe(422);
    expect(early.json<{ detail: string }>().detail).toContain(created_at);
    expect((await user.post(`/api/v1/graphs/${id}/restore`, { at: '2999-01-01T00:00:00Z' })).status).toBe(
      422,
    );
    app.clock.advance(60_000);
    await user.delete(`/api/v1/graphs/${id}`);
    const binned = iso(app.clock.now() + 30_000);
    app.clock.advance(60_000);
    await user.post(`/api/v1/graphs/${id}/recover`);
    const deleted = await user.post(`/api/v1/graphs/${id}/restore`, { at: binned });
    expect(deleted.status).toBe(422);
    expect(deleted.json<{ detail: string }>().detail).toContain('deleted at that time');
    expect((await user.get(`/api/v1/graphs/${id}`)).json()).toMatchObject({ version: 3 });
  });

  it('answers 422 inside a pruned stretch and names the nearest moments, by time and by version', async () => {
    const one = await make('g', '[1]');
    const two = await put(one.id, { config: [2] });
    const three = await put(one.id, { config: [3] });
    const four = await put(one.id, { config: [4] });
    await prune(one.id, [2, 3]);

    const inside = await user.post(`/api/v1/graphs/${one.id}/restore`, { at: three.updated_at });
    expect(inside.status).toBe(422);
    const { detail } = inside.json<{ detail: string }>();
    expect(detail).toContain(iso(Date.parse(two.updated_at) - 1));
    expect(detail).toContain(four.updated_at);
    expect((await user.get(`/api/v1/graphs/${one.id}?at=${three.updated_at}`)).status).toBe(422);
    const version = await user.post(`/api/v1/graphs/${one.id}/restore`, { version: 2 });
    expect(version.status).toBe(422);
    expect(version.json<{ detail: string }>().detail).toContain('pruned');

    const before = await user.get(`/api/v1/graphs/${one.id}?at=${iso(Date.parse(two.updated_at) - 1)}`);
    expect(before.configBytes.toString()).toBe('[1]');
    const after = await user.get(`/api/v1/graphs/${one.id}?at=${four.updated_at}`);
    expect(after.configBytes.toString()).toBe('[4]');
    const recovery = (await user.post('/api/v1/recovery', { at: three.updated_at })).json<{
      graphs: object[];
    }>();
    expect(recovery.graphs[0]).toMatchObject({
      action: 'unreachable',
      nearest: expect.any(String),
      reason: expect.stringContaining('pruned'),
    });
  });

  it.each([
    {},
    { version: 1, at: '2026-11-01T00:00:00Z' },
    { version: 0 },
    { version: 1.5 },
    { version: '1' },
    { at: 'Tuesday' },
    { version: 1, more: 2 },
  ])('refuses %j with 400', async (body) => {
    const { id } = await make('g', '[1]');
    expect((await user.post(`/api/v1/graphs/${id}/restore`, body)).status).toBe(400);
    expect((await user.get(`/api/v1/graphs/${id}`)).json()).toMatchObject({ version: 1 });
  });

  it('answers 422 for a version that is not there yet, 404 for a deleted graph and for one of somebody else', async () => {
    const { id } = await make('g', '[1]');
    expect((await user.post(`/api/v1/graphs/${id}/restore`, { version: 7 })).status).toBe(422);
    expect((await (await app.aUser()).post(`/api/v1/graphs/${id}/restore`, { version: 1 })).status).toBe(404);
    await user.delete(`/api/v1/graphs/${id}`);
    expect((await user.post(`/api/v1/graphs/${id}/restore`, { version: 1 })).status).toBe(404);
  });
});

describe('labels and pins', () => {
  it('are set, shown, kept when not sent, and taken away', async () => {
    const { id } = await make('g', '[1]');
    const path = `/api/v1/graphs/${id}/versions/1`;
    expect((await user.send('PATCH', path, { label: 'release 1' })).json()).toMatchObject({
      label: 'release 1',
      pinned: false,
    });
    expect((await user.send('PATCH', path, { pinned: true })).json()).toMatchObject({
      label: 'release 1',
      pinned: true,
    });
    expect((await user.get(path)).json()).toMatchObject({ label: 'release 1', pinned: true, version: 1 });
    expect((await user.send('PATCH', path, { label: null, pinned: false })).json()).toMatchObject({
      label: null,
      pinned: false,
    });
    expect((await user.get(`/api/v1/graphs/${id}`)).json()).toMatchObject({ version: 1 });
  });

  it.each([
    { label: '' },
    { label: 'x'.repeat(101) },
    { label: 7 },
    { pinned: null },
    { pinned: 'yes' },
    { version: 2 },
  ])('refuse %j with 400', async (body) => {
    const { id } = await make('g', '[1]');
    expect((await user.send('PATCH', `/api/v1/graphs/${id}/versions/1`, body)).status).toBe(400);
  });

  it('answer 404 for a version that is not there and for a graph of somebody else', async () => {
    const { id } = await make('g', '[1]');
    expect((await user.send('PATCH', `/api/v1/graphs/${id}/versions/2`, { pinned: true })).status).toBe(404);
    expect(
      (await (await app.aUser()).send('PATCH', `/api/v1/graphs/${id}/versions/1`, { pinned: true })).status,
    ).toBe(404);
  });
});

describe('Idempotency-Key', () => {
  const body = graphBody('once', '{ "a": 1.0 }');

  it('makes one graph of any number of tries, also of tries at the same time', async () => {
    const headers = { 'idempotency-key': 'try-1' };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => user.post('/api/v1/graphs', body, headers)),
    );
    answers.push(await user.post('/api/v1/graphs', body, headers));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 9 }, () => 201));
    expect(new Set(answers.map((answer) => answer.json<{ id: string }>().id)).size).toBe(1);
    for (const answer of answers) expect(answer.configBytes.toString()).toBe('{ "a": 1.0 }');
    expect((await user.get('/api/v1/graphs')).json<object[]>()).toHaveLength(1);
  });

  it('is its user’s own, ends after 24 hours, and refuses another body', async () => {
    const headers = { 'idempotency-key': 'try-2' };
    const admin = await app.admin();
    const first = (await admin.post('/api/v1/graphs', body, headers)).json<GraphJson>();
    expect((await admin.post('/api/v1/graphs', graphBody('another', '[]'), headers)).status).toBe(422);
    const other = await app.aUser();
    expect((await other.post('/api/v1/graphs', body, headers)).json<GraphJson>().id).not.toBe(first.id);
    app.clock.advance(24 * 3_600_000 + 1);
    const another = (await (await app.admin()).post('/api/v1/graphs', body, headers)).json<GraphJson>();
    expect(another.id).not.toBe(first.id);
  });

  it('answers 409 when its graph was deleted since, and 400 for a key that is none', async () => {
    const headers = { 'idempotency-key': 'try-3' };
    const { id } = (await user.post('/api/v1/graphs', body, headers)).json<GraphJson>();
    await user.delete(`/api/v1/graphs/${id}`);
    expect((await user.post('/api/v1/graphs', body, headers)).status).toBe(409);
    expect((await user.post('/api/v1/graphs', body, { 'idempotency-key': 'x'.repeat(256) })).status).toBe(
      400,
    );
  });
});

describe('purge', () => {
  it('removes a deleted graph and its whole history permanently', async () => {
    const { id } = await make('g', '[1]');
    await put(id, { config: [2] });
    expect((await user.post(`/api/v1/graphs/${id}/purge`)).status).toBe(409);
    await user.delete(`/api/v1/graphs/${id}`);
    expect((await (await app.aUser()).post(`/api/v1/graphs/${id}/purge`)).status).toBe(404);
    const purged = await user.post(`/api/v1/graphs/${id}/purge`);
    expect(purged.status).toBe(204);
    expect(purged.bytes).toHaveLength(0);
    for (const path of ['recover', 'purge'])
      expect((await user.post(`/api/v1/graphs/${id}/${path}`)).status).toBe(404);
    expect((await user.get('/api/v1/graphs?deleted=include')).json()).toEqual([]);
  });
});
