import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraph, rowCounts, type GraphJson } from '../support/graphs';
import { expectProblem } from '../support/problem';
import { rawBytes, rawRequest, type RawRequest } from '../support/raw-http';

let app: TestApp;
let user: ApiClient;
let graph: GraphJson;

beforeAll(async () => {
  app = await startApp();
  user = await app.aUser();
  graph = await aGraph(user);
});
afterAll(() => app.close());

/** Sends a request exactly as it is given, signed in. */
const send = (request: RawRequest) =>
  rawRequest(app.url, {
    ...request,
    headers: { authorization: `Bearer ${user.token}`, ...request.headers },
  });

describe('what no route knows', () => {
  it.each([
    ['GET', '/api/v1/nothing'],
    ['GET', '/api/v1'],
    ['GET', '/nothing'],
    ['POST', '/'],
    ['PATCH', '/api/v1/graphs'],
    ['POST', '/api/v1/auth/me'],
    ['GET', '/api/v1/auth/login'],
    ['GET', '/API/V1/graphs'],
    ['GET', '/api/v1//graphs'],
    ['GET', '//api/v1/graphs'],
    ['GET', '/api/v1/graphs/../auth/me'],
    ['GET', '/api/v1/graphs/%2e%2e/auth/me'],
    ['GET', '/api/v2/graphs'],
  ])('answers 404 for %s %s, signed in or not', async (method, path) => {
    expectProblem(await rawRequest(app.url, { method, path }), 404, 'not-found');
    expectProblem(await send({ method, path }), 404, 'not-found');
  });

  it.each([
    ['a letter', 'x'],
    ['a number', '1'],
    ['null', 'null'],
    ['two dots', '..'],
    ['two dots, encoded', '%2e%2e'],
    ['a path, encoded', '%2e%2e%2f%2e%2e%2fetc%2fpasswd'],
    ['a NUL', '%00'],
    ['a NUL within', 'a%00b'],
    ['SQL', '%27%20OR%201=1'],
    ['a wildcard', '*'],
    ['a picture', '%F0%9F%98%80'],
    ['150 letters', 'x'.repeat(150)],
    ['201 letters', 'x'.repeat(201)],
    ['8,000 letters', 'x'.repeat(8_000)],
    ['a UUID with a letter that is none', '00000000-0000-7000-8000-00000000000g'],
    ['a UUID in braces', '{00000000-0000-7000-8000-000000000000}'],
    ['a UUID without hyphens', '00000000000070008000000000000000'],
    ['a UUID with a blank behind', '00000000-0000-7000-8000-000000000000%20'],
  ])('answers 404 on every route for an id that is %s', async (_, id) => {
    const before = await rowCounts(app);
    const path = `${GRAPHS}/${id}`;
    const headers = { 'content-type': 'application/json' };
    for (const request of [
      { method: 'GET', path },
      { method: 'GET', path: `${path}?at=2026-11-23T09:15:00Z` },
      { method: 'PUT', path, headers, body: '{"title":"x"}' },
      { method: 'DELETE', path },
      { method: 'POST', path: `${path}/recover` },
      { method: 'GET', path: `${path}/versions` },
      { method: 'GET', path: `${path}/versions/1` },
    ]) {
      expectProblem(await send(request), 404, 'not-found');
    }
    expect(await rowCounts(app)).toEqual(before);
  });

  it.each(['%', '%ZZ', '%F0%9F', '%C0%AF', '%ff'])(
    'answers 400 or 404 for an address that cannot be decoded: %s',
    async (id) => {
      const answer = await send({ method: 'GET', path: `${GRAPHS}/${id}` });
      expectProblem(answer, answer.status === 404 ? 404 : 400);
    },
  );

  it('answers what is not even a request as a problem too', async () => {
    for (const [bytes, status] of [
      ['GARBAGE\r\n\r\n', 400],
      [`GET ${GRAPHS} HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
    ] as const) {
      const answer = await rawBytes(app.url, bytes);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(answer).toMatch(/\r\ncontent-type: application\/problem\+json/i);
    }
  });
});

it('lets no client keep the connection of a request that was none', async () => {
  const server = app.service.app.getHttpServer();
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const { hostname, port } = new URL(app.url);
  // Its side stays open: it reads the answer and never closes.
  const client = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  const [connection] = await accepted;
  const closed = once(connection, 'close');
  client.on('error', () => undefined).write('GARBAGE\r\n\r\n');
  const [answer] = (await once(client, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 400 /);
  await closed;
  client.destroy();
});

describe('the request id', () => {
  it.each(['abc', 'A-1_2.3:4', '019a9e3c-8a52-7c55-8d0e-5a1f7c9b2d44', 'x'.repeat(64)])(
    'is taken from the request when it is sane: %s',
    async (id) => {
      for (const path of [GRAPHS, `${GRAPHS}/${graph.id}`, `${GRAPHS}?limit=0`, '/nothing']) {
        const answer = await user.get(path, { 'x-request-id': id });
        expect(answer.headers.get('x-request-id')).toBe(id);
        if (answer.status >= 400) expect(expectProblem(answer, answer.status).request_id).toBe(id);
      }
      expect(app.logs.some((line) => (JSON.parse(line) as { request_id?: string }).request_id === id)).toBe(
        true,
      );
    },
  );

  it.each(['', ' ', 'a b', 'x'.repeat(65), 'x'.repeat(10_000), '<script>', 'a"b', 'a,b', 'é', '{}', 'a\tb'])(
    'is replaced if it is not: %j',
    async (id) => {
      const answer = await user.get('/nothing', { 'x-request-id': id });
      expect(expectProblem(answer, 404).request_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}$/);
    },
  );

  it('is another one for each request', async () => {
    const [first, second] = [await user.get(GRAPHS), await user.get(GRAPHS)];
    expect(first.headers.get('x-request-id')).not.toBe(second.headers.get('x-request-id'));
  });
});
