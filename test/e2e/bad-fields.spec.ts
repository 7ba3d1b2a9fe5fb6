import { startApp, type TestApp } from '../support/app';
import type { ApiClient } from '../support/client';
import { GRAPHS, aGraph, rowCounts, type GraphJson } from '../support/graphs';
import { nested } from '../support/json-text';
import { expectFaults } from '../support/problem';

let app: TestApp;
let user: ApiClient;
let graph: GraphJson;

beforeAll(async () => {
  app = await startApp();
  user = await app.aUser();
  graph = await aGraph(user, { title: 'Untouched', config: { a: 1 } });
});
afterAll(() => app.close());

/** Sends a body to both routes that take a graph, and expects a 400 that names the field, and nothing written. */
async function refused(body: string, field: string): Promise<void> {
  const before = await rowCounts(app);
  expectFaults(await user.post(GRAPHS, body), [field]);
  expectFaults(await user.put(`${GRAPHS}/${graph.id}`, body), [field]);
  expect(await rowCounts(app)).toEqual(before);
  expect((await user.get(`${GRAPHS}/${graph.id}`)).json()).toEqual(graph);
}

describe('a wrong title', () => {
  it.each([
    ['nothing', '""'],
    ['null', 'null'],
    ['a number', '5'],
    ['a boolean', 'true'],
    ['an array', '["x"]'],
    ['an object', '{"length":3}'],
    ['201 characters', `"${'x'.repeat(201)}"`],
    ['201 characters outside the basic plane', `"${'😀'.repeat(201)}"`],
    ['a NUL', '"a\\u0000b"'],
    ['half of a surrogate pair', '"a\\ud800b"'],
    ['a pair the wrong way round', '"\\ude00\\ud83d"'],
    ['blanks', '"  \\t "'],
    ['zero width spaces', '"\\u200b\\u200b"'],
    ['marks of direction and a joiner', '"\\u202e \\u200d"'],
    ['blank fillers', '"\\u3164\\u2800"'],
  ])('is refused: %s', async (_, title) => refused(`{"title":${title}}`, 'title'));

  it('as a label of a version is refused, too, if it has nothing that can be seen', async () => {
    const graph = await aGraph(user);
    const label = (value: string) => user.send('PATCH', `${GRAPHS}/${graph.id}/versions/1`, { label: value });
    for (const value of ['', ' ', '\u200b', '\u2060\ufeff']) expectFaults(await label(value), ['label']);
    for (const value of ['a', ' \u200ba', '👩\u200d💻']) expect((await label(value)).status).toBe(200);
  });

  it('is refused when a new graph has none', async () => {
    expectFaults(await user.post(GRAPHS, {}), ['title']);
    expectFaults(await user.post(GRAPHS, { config: {} }), ['title']);
  });
});

describe('a value of any field that a library could stumble over', () => {
  it.each([
    '{"constructor":1}',
    '{"a":{"constructor":null}}',
    '[{"constructor":{}}]',
    '{"then":1}',
    '{"toJSON":1}',
    '{"__proto__":{"length":3}}',
    '{"length":5}',
    nested(250),
    nested(250, () => true),
  ])('is refused: %s', async (value) => {
    await refused(`{"title":${value}}`, 'title');
    await refused(`{"title":"x","description":${value}}`, 'description');
    await refused(`{"title":"x","status":${value}}`, 'status');
    await refused(`{"title":"x","colour":${value}}`, 'colour');
  });
});

describe('a wrong description', () => {
  it.each([
    ['a number', '5'],
    ['a boolean', 'false'],
    ['an array', '[]'],
    ['an object', '{}'],
    ['10,001 characters', `"${'x'.repeat(10_001)}"`],
    ['a NUL', '"\\u0000"'],
    ['half of a surrogate pair', '"\\udfff"'],
  ])('is refused: %s', async (_, value) => refused(`{"title":"x","description":${value}}`, 'description'));
});

describe('a wrong status', () => {
  it.each(['""', 'null', '1', '"Draft"', '"deleted"', '["draft"]', '{}', '"draft "'])(
    'is refused: %s',
    async (status) => refused(`{"title":"x","status":${status}}`, 'status'),
  );
});

describe('a config that is no graph', () => {
  it.each(['"text"', '""', '"{}"', '5', '-1', '1e400', 'true', 'false', 'null'])(
    'is refused: %s',
    async (config) => refused(`{"title":"x","config":${config}}`, 'config'),
  );
});

describe('an unknown field', () => {
  it.each([
    ...['colour', 'Title', 'titles', 'id', 'user_id', 'version', 'config_sha256', 'created_at', 'deleted_at'],
    ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__'],
    ...['rawMember', 'length', '', ' ', 'config ', 'title\\u0000'],
  ])('is refused: "%s"', async (name) => {
    const decoded = JSON.parse(`"${name}"`) as string;
    await refused(`{"title":"x","${name}":1}`, decoded);
    await refused(`{"title":"x","${name}":{"title":"y"}}`, decoded);
  });
});

describe('a field that is sent twice', () => {
  it.each([
    ['title', '"title":"x","title":"x"'],
    ['title', '"title":"x","titl\\u0065":"y"'],
    ['config', '"title":"x","config":{},"config":[]'],
    ['config', '"title":"x","config":{},"conf\\u0069g":{}'],
    ['status', '"title":"x","status":"draft","status":"active"'],
    ['colour', '"title":"x","colour":1,"colour":2'],
  ])('is refused, because one of the two would be lost: %s in {%s}', async (field, members) =>
    refused(`{${members}}`, field),
  );
});
