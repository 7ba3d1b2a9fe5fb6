import { startApp, type TestApp } from '../support/app';
import { ApiClient, type ApiAnswer } from '../support/client';
import { GRAPHS, aGraph } from '../support/graphs';
import { expectProblem } from '../support/problem';

const V1 = '/api/v1';
const RECEIPT = [
  'backup_status',
  'config_bytes',
  'config_sha256',
  'created_at',
  'deleted_at',
  'id',
  'purge_at',
  'updated_at',
  'user_id',
  'version',
];
const SECRET = 'a-secret-in-a-node';

let app: TestApp;
let user: ApiClient;
let id: string;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.aUser();
  ({ id } = await aGraph(user, { title: `title ${SECRET}`, config: { key: SECRET } }));
  await user.put(`${GRAPHS}/${id}`, { description: SECRET, config: { key: `${SECRET} of version 2` } });
});

async function aToken(...scopes: string[]): Promise<ApiClient> {
  const made = await user.post(`${V1}/auth/tokens`, { name: scopes.join(), scopes });
  return new ApiClient(app.url, made.json<{ token: string }>().token);
}

function expectReceipt(answer: ApiAnswer, status: number): void {
  expect([answer.status, Object.keys(answer.json()).sort()]).toEqual([status, RECEIPT]);
  expect(answer.text).not.toContain(SECRET);
}

describe('the scope append', () => {
  it('creates and changes graphs, and gets a receipt without any content', async () => {
    const sender = await aToken('append');
    const body = { title: SECRET, config: { key: SECRET } };
    const made = await sender.post(GRAPHS, body, { 'idempotency-key': 'one' });
    expectReceipt(made, 201);
    expectReceipt(await sender.post(GRAPHS, body, { 'idempotency-key': 'one' }), 201);
    const changed = await sender.put(`${GRAPHS}/${id}`, { config: { key: 3 } });
    expectReceipt(changed, 200);
    expect(changed.json()).toMatchObject({ id, version: 3 });
    expectReceipt(await sender.put(`${GRAPHS}/${id}`, {}), 200);
    expect((await user.get(`${GRAPHS}/${id}/versions/2`)).text).toContain(`${SECRET} of version 2`);
  });

  it('reads, removes, restores and decides nothing else', async () => {
    const sender = await aToken('append');
    const refused: Array<[string, string, object?]> = [
      ['GET', GRAPHS],
      ['GET', `${GRAPHS}/${id}`],
      ['GET', `${GRAPHS}/${id}/versions`],
      ['GET', `${GRAPHS}/${id}/versions/1`],
      ['GET', `${GRAPHS}/${id}/diff`],
      ['GET', `${GRAPHS}/${id}/picture.svg`],
      ['GET', `${V1}/audit`],
      ['GET', `${V1}/auth/me`],
      ['DELETE', `${GRAPHS}/${id}`],
      ['POST', `${GRAPHS}/${id}/restore`, { version: 1 }],
      ['PATCH', `${GRAPHS}/${id}/versions/1`, { pinned: false }],
      ['POST', `${V1}/recovery`, { at: '2026-01-01T00:00:00Z' }],
      ['POST', `${GRAPHS}/${id}/purge`],
      ['PUT', `${V1}/backup-policy`, { keep_last: 1 }],
    ];
    for (const [method, path, body] of refused) {
      const problem = expectProblem(await sender.send(method, path, body), 403, 'forbidden');
      expect([path, problem.detail]).toEqual([path, expect.stringMatching(/needs the scope|cannot do this/)]);
    }
    expect((await user.get(`${GRAPHS}/${id}`)).json()).toMatchObject({ version: 2, deleted_at: null });
  });

  it('is named where it is missing', async () => {
    const reader = await aToken('read');
    const { detail } = expectProblem(await reader.put(`${GRAPHS}/${id}`, {}), 403, 'forbidden');
    expect(detail).toBe('This API token needs the scope "append" or "write". Create a token that has it.');
  });
});

describe('the scope write', () => {
  it('gets no config back unless the token may also read', async () => {
    const writer = await aToken('write');
    expectReceipt(await writer.put(`${GRAPHS}/${id}`, { status: 'active' }), 200);
    expectReceipt(await writer.post(`${GRAPHS}/${id}/restore`, { version: 1 }), 200);
    expectReceipt(await writer.delete(`${GRAPHS}/${id}`), 200);
    expectReceipt(await writer.post(`${GRAPHS}/${id}/recover`), 200);
    const both = await aToken('read', 'write');
    const restored = await both.post(`${GRAPHS}/${id}/restore`, { version: 2 });
    expect(restored.json()).toMatchObject({ config: { key: `${SECRET} of version 2` } });
  });

  it('does not set policies or purge; a session does', async () => {
    const machine = await aToken('read', 'write', 'append');
    await machine.delete(`${GRAPHS}/${id}`);
    const { id: kept } = await aGraph(user, {});
    const calls: Array<[string, string, object?]> = [
      ['POST', `${GRAPHS}/${id}/purge`],
      ['PUT', `${V1}/backup-policy`, { keep_last: 1 }],
      ['DELETE', `${V1}/backup-policy`],
      ['PUT', `${GRAPHS}/${kept}/backup-policy`, { keep_last: 1 }],
      ['DELETE', `${GRAPHS}/${kept}/backup-policy`],
    ];
    for (const [method, path, body] of calls) {
      const { detail } = expectProblem(await machine.send(method, path, body), 403, 'forbidden');
      expect(detail).toMatch(/^API tokens cannot do this\. Sign in with e-mail address and password/);
    }
    for (const [method, path, body] of calls)
      expect((await user.send(method, path, body)).status).toBeLessThan(300);
  });
});
