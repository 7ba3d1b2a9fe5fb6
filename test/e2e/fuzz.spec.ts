import fc from 'fast-check';
import { startApp, type TestApp } from '../support/app';
import type { ApiAnswer, ApiClient } from '../support/client';
import { databaseKind } from '../support/database';
import { GRAPHS, aGraph } from '../support/graphs';
import { anyJsonText } from '../support/json-text';
import { operationsOf, type OpenApiDocument, type OpenApiSchema, type Operation } from '../support/openapi';
import { expectProblem } from '../support/problem';
import { RandomRequests } from '../support/random-requests';
import { rawRequest } from '../support/raw-http';
import { anyCharacter } from '../support/any-character';

/** How many times as many requests as in a run on SQLite. Each kind of value comes up with either; FUZZ=10 takes minutes. */
const SHARE = Number(process.env['FUZZ'] ?? (databaseKind === 'sqlite' ? 1 : 0.4));
const runs = (count: number) => Math.ceil(count * SHARE);

let app: TestApp;
let user: ApiClient;
let id: string;
let document: OpenApiDocument;

beforeAll(async () => {
  app = await startApp();
  user = await app.aUser();
  id = (await aGraph(user, { config: { a: 1 } })).id;
  await user.put(`${GRAPHS}/${id}`, { config: [2] });
  document = (await app.anonymous.get('/docs/openapi.json')).json<OpenApiDocument>();
});
afterAll(() => app.close());

/** What a service must survive: wrong kinds, extremes, and what means something to a language or a database. */
const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1,
    1.5,
    1e21,
    2 ** 53,
    2 ** 31,
    '',
    ' ',
    '0',
    '1',
    'x',
    [],
    {},
  ),
  fc.constantFrom<unknown>(
    'a\0b',
    '\ud800',
    '2026-11-23T09:15:00Z',
    '0001-01-01T00:00:00Z',
    '99999999999999999999',
  ),
  fc.constantFrom<unknown>(
    'a@b.example',
    'correct horse battery',
    'draft',
    'config,versions',
    '__proto__',
    '%',
  ),
  fc.string({ unit: anyCharacter, maxLength: 20 }),
  fc.integer(),
  fc.double(),
  fc.array(fc.constantFrom<unknown>('x', 1, null, {}), { maxLength: 3 }),
  fc.dictionary(
    fc.constantFrom('length', 'toString', 'then', 'toJSON', 'a'),
    fc.constantFrom<unknown>(1, 'x', null),
  ),
);

function fieldsOf(schema: OpenApiSchema = {}): string[] {
  const found = document.components.schemas[schema.$ref?.split('/').at(-1) ?? ''] ?? schema;
  return Object.keys(found.properties ?? {});
}

const addressOf = (path: string) => path.replace('{id}', id).replace('{version}', '1');

function survived(what: unknown, answer: ApiAnswer): void {
  if (answer.status >= 500) throw new Error(`${answer.status} for ${JSON.stringify(what)}: ${answer.text}`);
  if (answer.status >= 400) expectProblem(answer, answer.status);
}

/** All operations that have something to be filled in at random. */
const having = (wanted: (operation: Operation) => boolean) =>
  operationsOf(document).filter((operation) => operation.path.startsWith('/api/') && wanted(operation));

describe('whatever is sent', () => {
  it('no body of known fields with any values makes the service fail', async () => {
    for (const { method, path, requestBody } of having((operation) => operation.requestBody !== undefined)) {
      const fields = fieldsOf(requestBody?.content['application/json']?.schema);
      const names = [
        ...fields,
        ...(path.endsWith('/login') ? ['username', 'grant_type'] : []),
        'x',
        'toString',
      ];
      const body = fc.dictionary(fc.constantFrom(...names), anyValue, { maxKeys: names.length });
      await fc.assert(
        fc.asyncProperty(body, async (sent) => {
          survived({ path, sent }, await user.send(method.toUpperCase(), addressOf(path), sent));
        }),
        { numRuns: runs(60) },
      );
    }
  });

  it('no request over the OpenAPI document makes the service fail: ids, headers, tokens, hostile graphs', async () => {
    const other = await app.aUser();
    const facts = { document, ids: [id], tokens: [other.token!, (await app.aUser()).token!] };
    const random = new RandomRequests(facts, 20_261_126);
    for (let times = 0; times < runs(700); times += 1) {
      const request = random.next();
      const { status } = await rawRequest(app.url, request);
      if (status >= 500 && status !== 503)
        throw new Error(`${status} for ${request.method} ${request.path} ${request.body?.toString() ?? ''}`);
    }
  });

  it('no JSON at all makes the service fail', async () => {
    for (const { method, path } of having((operation) => operation.requestBody !== undefined)) {
      await fc.assert(
        fc.asyncProperty(anyJsonText, async (sent) => {
          survived({ path, sent }, await user.send(method.toUpperCase(), addressOf(path), sent));
        }),
        { numRuns: runs(20) },
      );
    }
  });

  it('no query makes the service fail', async () => {
    const isQuery = ({ in: place }: { in: string }) => place === 'query';
    for (const { method, path, parameters = [] } of having((one) => (one.parameters ?? []).some(isQuery))) {
      const names = parameters.filter(isQuery).map(({ name }) => name);
      const words = fc.array(fc.tuple(fc.constantFrom(...names), anyValue), { minLength: 1, maxLength: 3 });
      await fc.assert(
        fc.asyncProperty(words, async (sent) => {
          const query = sent.map(([name, value]): [string, string] => [
            name,
            typeof value === 'string' ? value.toWellFormed() : JSON.stringify(value),
          ]);
          const address = `${addressOf(path)}?${new URLSearchParams(query).toString()}`;
          survived(address, await user.send(method.toUpperCase(), address));
        }),
        { numRuns: runs(60) },
      );
    }
  });

  it('no cursor of plausible values makes the service fail', async () => {
    const values = fc.array(fc.oneof(fc.integer(), fc.double(), fc.string({ unit: anyCharacter })), {
      maxLength: 3,
    });
    const sorts = fc.constantFrom(
      'created_at',
      '-created_at',
      'updated_at',
      '-updated_at',
      'title',
      '-title',
    );
    await fc.assert(
      fc.asyncProperty(values, sorts, async (cursor, sort) => {
        const after = Buffer.from(JSON.stringify(cursor)).toString('base64url');
        survived({ cursor, sort }, await user.get(`${GRAPHS}?after=${after}&sort=${sort}`));
        survived({ cursor }, await user.get(`${GRAPHS}/${id}/versions?after=${after}`));
      }),
      { numRuns: runs(150) },
    );
  });
});
