import { gzipSync } from 'node:zlib';
import { startApp, type TestApp } from '../support/app';
import { graphBody, type ApiAnswer, type ApiClient } from '../support/client';
import { GRAPHS, aGraph, rowCounts, type GraphJson } from '../support/graphs';
import { nested } from '../support/json-text';
import { expectFaults, expectProblem } from '../support/problem';
import { rawRequest } from '../support/raw-http';

const MIB = 1_048_576;

let app: TestApp;
let user: ApiClient;
let graph: GraphJson;

beforeAll(async () => {
  app = await startApp();
  user = await app.aUser();
  graph = await aGraph(user, { title: 'Untouched', config: { a: 1 } });
});
afterAll(() => app.close());

type Send = (method: string, path: string) => Promise<ApiAnswer>;

/** Sends something to both routes that take a graph, and expects that each refuses it and writes nothing. */
async function refused(status: number, send: Send, look?: (answer: ApiAnswer) => unknown): Promise<void> {
  const before = await rowCounts(app);
  for (const [method, path] of [
    ['POST', GRAPHS],
    ['PUT', `${GRAPHS}/${graph.id}`],
  ] as const) {
    const answer = await send(method, path);
    const problem = expectProblem(answer, status);
    expect(problem.instance).toBe(path);
    await look?.(answer);
  }
  expect(await rowCounts(app)).toEqual(before);
  expect((await user.get(`${GRAPHS}/${graph.id}`)).json()).toEqual(graph);
}

const sendBody =
  (body: string | Buffer, headers?: Record<string, string>): Send =>
  (method, path) =>
    user.send(method, path, body, headers);

const bytes = (...parts: Array<string | number[]>) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

describe('a body that is not JSON', () => {
  it.each([
    ['nothing', ''],
    ['blanks', ' \n '],
    ['text', 'title=x'],
    ['half of an object', '{"title":"x"'],
    ['something behind the object', '{"title":"x"} {}'],
    ['a comment of one line', '{"title":"x" // why\n}'],
    ['a comment in between', '{"title":/* why */"x"}'],
    ['a trailing comma', '{"title":"x",}'],
    ['a trailing comma in the config', '{"title":"x","config":[1,]}'],
    ['single quotes', "{'title':'x'}"],
    ['a name without quotes', '{title:"x"}'],
    ['a number that JSON does not know', '{"title":"x","config":[01]}'],
    ['a hexadecimal number', '{"title":"x","config":[0x10]}'],
    ['NaN', '{"title":"x","config":[NaN]}'],
    ['Infinity', '{"title":"x","config":{"a":-Infinity}}'],
    ['undefined', '{"title":"x","config":undefined}'],
    ['a line end in a string', '{"title":"x\ny"}'],
    ['a raw NUL in a string', '{"title":"x","config":["\0"]}'],
    ['an escape that JSON does not know', '{"title":"x","config":["\\x41"]}'],
    ['half of an escape', '{"title":"x","config":["\\u12"]}'],
    ['a blank that JSON does not know', '{"title":\u00a0"x"}'],
    ['a byte order mark', '\ufeff{"title":"x"}'],
    ['a byte order mark before the config', '{"title":"x","config":\ufeff{}}'],
    ['two documents', '{"title":"x"}\r\n{"title":"y"}'],
    ['two documents in the config', '{"title":"x","config":{}\n{}}'],
    ['UTF-16', Buffer.from('{"title":"x"}', 'utf16le')],
    ['a lone continuation byte', bytes('{"title":"x', [0x80], '"}')],
    ['invalid UTF-8 in the config', bytes('{"title":"x","config":["', [0xff], '"]}')],
    ['a character that is cut off', bytes('{"title":"x","config":["', [0xe2, 0x82], '"]}')],
    ['an overlong spelling', bytes('{"title":"x","config":["', [0xc0, 0xaf], '"]}')],
    ['a surrogate written in UTF-8', bytes('{"title":"x","config":["', [0xed, 0xa0, 0x80], '"]}')],
    ['Latin-1', Buffer.from('{"title":"é"}', 'latin1')],
  ])('is refused with 400: %s', async (_, body) => {
    await refused(400, sendBody(body));
  });

  it.each(['[]', '[{"title":"x"}]', '"x"', '5', 'true', 'null'])(
    'is refused with 400 when it is %s',
    async (body) => {
      await refused(400, sendBody(body));
    },
  );

  it('is refused with 400 when there is none at all, whatever the content type says', async () => {
    const authorization = `Bearer ${user.token}`;
    for (const type of [undefined, 'application/json']) {
      for (const length of [undefined, '0']) {
        const headers = {
          authorization,
          ...(type && { 'content-type': type }),
          ...(length && { 'content-length': length }),
        };
        await refused(400, (method, path) => rawRequest(app.url, { method, path, headers }));
      }
    }
  });

  it('says where the fault is', async () => {
    const answer = await user.post(GRAPHS, '{"title":"x",\n  "config": [1,]}');
    expect(expectProblem(answer, 400).detail).toMatch(/line 2, column 16/i);
  });

  it('is refused with 400 when it is compressed but does not say so', async () => {
    await refused(400, sendBody(gzipSync('{"title":"x"}')));
  });
});

describe('a body of another kind', () => {
  it.each([
    'text/plain',
    'text/html',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'application/jsonx',
    'json',
    'garbage',
  ])('is refused with 415: %s', async (type) => {
    await refused(415, sendBody('{"title":"x"}', { 'content-type': type }));
  });

  it('is refused with 415 when it is a form that would be a good graph', async () => {
    await refused(
      415,
      sendBody('title=x&status=active', { 'content-type': 'application/x-www-form-urlencoded' }),
    );
  });

  it('is refused with 415 without a content type', async () => {
    const headers = { authorization: `Bearer ${user.token}`, 'content-length': '13' };
    await refused(415, (method, path) =>
      rawRequest(app.url, { method, path, headers, body: '{"title":"x"}' }),
    );
  });

  it.each(['gzip', 'deflate', 'br', 'zstd', 'nonsense'])(
    'is refused with 415 if it says that it is encoded as %s, which the service does not decode',
    async (encoding) => {
      const headers = { 'content-encoding': encoding };
      await refused(415, sendBody('{"title":"x"}', headers));
      await refused(415, sendBody(gzipSync('{"title":"x"}'), headers));
    },
  );

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'Application/JSON ; Charset="utf-8"',
    'application/merge-patch+json',
  ])('is read when it is JSON by another spelling: %s', async (type) => {
    expect((await user.post(GRAPHS, '{"title":"x"}', { 'content-type': type })).status).toBe(201);
  });
});

describe('the limits', () => {
  it('takes a config that is 256 deep and refuses 257 with 400', async () => {
    for (const object of [() => true, () => false, (level: number) => level % 2 === 0]) {
      expect((await user.post(GRAPHS, graphBody('deep', nested(256, object)))).status).toBe(201);
      await refused(400, sendBody(graphBody('deep', nested(257, object))), (answer) =>
        expect(expectProblem(answer, 400).detail).toContain('256'),
      );
    }
  });

  it.each(['[', '{"a":', '[{"a":'])('refuses 100,000 times %s with 400', async (bracket) => {
    await refused(400, sendBody(`{"title":"x","config":${bracket.repeat(100_000)}`));
    await refused(400, sendBody(bracket.repeat(100_000)));
    await refused(400, sendBody(`{"title":"x","description":${bracket.repeat(100_000)}`));
  });

  it('refuses 100,000 fields with 400, in an answer of a decent size', async () => {
    const fields = Array.from({ length: 100_000 }, (_, n) => `"f${n}":1`).join(',');
    await refused(400, sendBody(`{"title":"x",${fields}}`), (answer) =>
      expect(answer.bytes.length).toBeLessThan(20_000),
    );
  });

  it('refuses a field whose name is a megabyte with 400, in an answer of a decent size', async () => {
    const name = 'n'.repeat(MIB);
    for (const body of [`{"title":"x","${name}":1}`, `{"title":"x","${name}":1,"${name}":1}`]) {
      await refused(400, sendBody(body), (answer) => expect(answer.bytes.length).toBeLessThan(20_000));
    }
  });

  it('takes a body of exactly MAX_BODY_BYTES and refuses one byte more with 413', async () => {
    const [open, close] = ['{"title":"x"', '}'];
    const padded = (size: number) => `${open}${' '.repeat(size - open.length - close.length)}${close}`;
    expect((await user.post(GRAPHS, padded(16 * MIB))).status).toBe(201);
    await refused(413, sendBody(padded(16 * MIB + 1)));
  });

  it.each([
    ['content-length', String(17 * MIB)],
    ['transfer-encoding', 'chunked'],
  ])('refuses 17 MiB with 413 (%s: %s)', async (framing, value) => {
    const headers = {
      authorization: `Bearer ${user.token}`,
      'content-type': 'application/json',
      [framing]: value,
    };
    const body = graphBody('large', `["${'x'.repeat(17 * MIB)}"]`).subarray(0, 17 * MIB);
    await refused(
      413,
      (method, path) => rawRequest(app.url, { method, path, headers, body }),
      (answer) => expect(expectProblem(answer, 413, 'body-too-large').detail).toMatch(/MAX_BODY_BYTES/),
    );
  });

  it('reads no large body where none is expected', async () => {
    const body = { email: 'a@b.example', password: 'x'.repeat(MIB) };
    for (const path of ['/api/v1/auth/login', '/api/v1/auth/register']) {
      expectProblem(await app.anonymous.post(path, body), 413, 'body-too-large');
    }
  });
});

describe('fields', () => {
  it('lists unknown and wrong fields all at once', async () => {
    const body = {
      title: 5,
      status: 'gone',
      description: 7,
      colour: 'red',
      version: 3,
      user_id: graph.user_id,
    };
    await refused(400, sendBody(JSON.stringify(body)), (answer) =>
      expectFaults(answer, ['title', 'status', 'description', 'colour', 'version', 'user_id']),
    );
  });

  it('lists a wrong config together with the other faults', async () => {
    await refused(400, sendBody('{"title":5,"config":"text","colour":"red"}'), (answer) =>
      expectFaults(answer, ['title', 'config', 'colour']),
    );
  });
});
