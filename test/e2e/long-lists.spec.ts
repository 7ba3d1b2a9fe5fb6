import fc from 'fast-check';
import { foldTitle } from '../../src/graphs/domain/graph-content';
import { Statement } from '../../src/platform/database/statement';
import { startApp, type TestApp } from '../support/app';
import type { ApiAnswer, ApiClient } from '../support/client';
import { databaseKind } from '../support/database';
import { GRAPHS, aGraph, type GraphJson } from '../support/graphs';
import { placeOf } from '../support/long-history';
import { rawSql } from '../support/raw-database';

const COUNTED_MAX = 10_000;
const NUMBERS = (many: number) =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${many})`;

let app: TestApp;
let user: ApiClient;
let graph: GraphJson;

beforeAll(async () => {
  app = await startApp();
  user = await app.aUser();
  graph = await aGraph(user, { title: 'Order intake' });
  await fill();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => app.close());

/** A user with as many graphs, versions of one graph, and events as are still counted. */
async function fill(): Promise<void> {
  const { user_key, graph_key } = await placeOf(app.place, graph);
  const rest = `status, text_version, created_at, updated_at, config_bytes, anchor_version, anchors, since_anchor, config_sha256`;
  const id = databaseKind === 'sqlite' ? 'randomblob(16)' : 'uuid_send(gen_random_uuid())';
  const one = `user_key = ${user_key} AND key = ${graph_key}`;
  await rawSql(
    app.place,
    `INSERT INTO graphs (user_key, key, id, version, seq, ${rest}, title, title_folded, head)
     ${NUMBERS(COUNTED_MAX - 1)} SELECT user_key, 5000000 + i, ${id}, version, 0, ${rest}, 'Graph ' || i, 'graph ' || i, head
     FROM graphs JOIN n ON ${one}`,
  );
  await rawSql(
    app.place,
    `INSERT INTO versions (user_key, graph_key, version, change, status, text_version, created_at, pinned, config_bytes, seq, config_sha256, frame)
     ${NUMBERS(COUNTED_MAX - 1)} SELECT user_key, graph_key, 1 + i, change, status, text_version, created_at, pinned, config_bytes, 0, config_sha256, frame
     FROM versions JOIN n ON user_key = ${user_key} AND graph_key = ${graph_key} AND version = 1`,
  );
  await rawSql(app.place, `UPDATE graphs SET version = ${COUNTED_MAX} WHERE ${one}`);
  await rawSql(
    app.place,
    `INSERT INTO journal (seq, at, user_key, action) ${NUMBERS(COUNTED_MAX)}
     SELECT 1000 + i, 1000000000000 + i, ${user_key}, 1 FROM n`,
  );
  if (databaseKind === 'postgres') await others(id, `${rest}, head`, one);
}

/** PostgreSQL reads the whole table when most of it is one user's, so there have to be others. */
async function others(id: string, rest: string, one: string): Promise<void> {
  await rawSql(
    app.place,
    `INSERT INTO graphs (user_key, key, id, version, seq, ${rest}, title, title_folded)
     ${NUMBERS(40_000)} SELECT 1000000 + i / 1000, i, ${id}, version, 0, ${rest}, title, title_folded
     FROM graphs JOIN n ON ${one}`,
  );
  await rawSql(app.place, 'VACUUM ANALYZE');
}

const nextOf = (answer: ApiAnswer) => /<([^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1];
const ids = (answer: ApiAnswer) => answer.json<Array<{ id?: string; version: number }>>().map((item) => item.id ?? item.version); // prettier-ignore

/** Every statement that is run from now on, with the parameters of its first time. */
function collectSql(): Map<string, Record<string, unknown>> {
  const seen = new Map<string, Record<string, unknown>>();
  const prototype = Statement.prototype as unknown as { execute: (...args: unknown[]) => unknown };
  const original = prototype.execute;
  jest.spyOn(prototype, 'execute').mockImplementation(function (this: { sql: string }, ...args) {
    if (!seen.has(this.sql)) seen.set(this.sql, args[1] as Record<string, unknown>);
    return original.apply(this, args);
  });
  return seen;
}

/** How the database finds the rows of a statement. */
async function planOf(sql: string, params: Record<string, unknown>): Promise<string> {
  const values: unknown[] = [];
  const text = sql.replace(/(?<!:):([a-z_]+)/g, (_, name: string) => {
    values.push(params[name]);
    return '?';
  });
  const explain = databaseKind === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
  const rows = await rawSql(app.place, `${explain} ${text}`, values);
  return rows.map((row) => String(row['detail'] ?? row['QUERY PLAN'])).join('\n');
}

describe('a list of 10,000 graphs', () => {
  it.each([
    ['a search', '?q=zzz'],
    ['a search by two letters', '?q=ra'],
    ['a deep skip', '?skip=9900'],
    ['the order of changes', '?sort=-updated_at'],
    ['the order of titles', '?sort=title&skip=5000'],
    ['a filter', '?status=active&deleted=include'],
    ['a backup status', '?backup_status=verified&sort=-updated_at'],
    ['the graphs of no source', '?source=none'],
  ])('reads one index, and only the rows it shows: %s', async (_, query) => {
    const seen = collectSql();
    expect((await user.get(`${GRAPHS}${query}`)).status).toBe(200);
    jest.restoreAllMocks();
    const onGraphs = [...seen].filter(([sql]) => sql.includes('FROM graphs'));
    expect(onGraphs.length).toBeGreaterThan(0);
    for (const [sql, params] of onGraphs) {
      expect(await planOf(sql, params)).toMatch(
        databaseKind === 'sqlite'
          ? /USING COVERING INDEX ix_graphs_list/
          : /Index Only Scan.* ix_graphs_list/,
      );
    }
  });

  it.each([
    ['graphs', '/graphs', 'sort=title&'],
    ['graphs', '/graphs', 'sort=-updated_at&'],
    ['graphs', '/graphs', ''],
    ['versions', '/graphs/{id}/versions', ''],
  ])('shows the same %s of %s?%s by skip and by cursor', async (_, pattern, sort) => {
    const path = `/api/v1${pattern.replace('{id}', graph.id)}`;
    let page = await user.get(`${path}?${sort}limit=500&skip=9000`);
    page = await user.get(nextOf(page)!);
    expect(ids(page)).toEqual(ids(await user.get(`${path}?${sort}limit=500&skip=9500`)));
    expect(nextOf(page)).toBeUndefined();
    expect(ids(await user.get(`${path}?${sort}skip=10001`))).toEqual([]);
  });

  it('counts up to 10,000 items, and leaves X-Total-Count out of longer lists', async () => {
    const lists = [`${GRAPHS}?limit=1`, `${GRAPHS}/${graph.id}/versions?limit=1`];
    for (const path of lists)
      expect((await user.get(path)).headers.get('x-total-count')).toBe(String(COUNTED_MAX));
    await aGraph(user, { title: 'One more' });
    await user.put(`${GRAPHS}/${graph.id}`, { title: 'Order intake, changed' });
    for (const path of lists) {
      const answer = await user.get(path);
      expect([answer.headers.get('x-total-count'), nextOf(answer)]).toEqual([
        null,
        expect.stringContaining('after='),
      ]);
    }
    const found = await user.get(`${GRAPHS}?q=one&limit=1`);
    expect(found.headers.get('x-total-count')).toBe('1');
  });
});

describe('a long audit log', () => {
  it('is not counted, and is paged with and without a filter', async () => {
    const audit = '/api/v1/audit';
    const all = await user.get(`${audit}?limit=2`);
    expect([all.headers.get('x-total-count'), all.json<unknown[]>().length]).toEqual([null, 2]);
    // Rows that were found on the last page need no count.
    const created = await user.get(`${audit}?action=user.registered`);
    expect(created.headers.get('x-total-count')).toBe('1');
    const oldest = encodeURIComponent(new Date(1_000_000_000_003).toISOString());
    const filtered = await user.get(`${audit}?to=${oldest}&limit=1&skip=1`);
    expect(filtered.json<Array<{ seq: number }>>().map(({ seq }) => seq)).toEqual([1001]);
    expect(filtered.headers.get('x-total-count')).toBe('2');
  });
});

describe('title contains', () => {
  const letters = fc.constantFrom(...'aAbBßẞςσΣiİıÄ ½ﬁ%_\\\'"0😀語'.split(''), 'e\u0301', 'é');
  const title = fc.array(letters, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));

  it('finds what a plain scan of the folded titles finds, after every change of a graph', async () => {
    const searcher = await app.aUser();
    const visible = title.filter((text) => text.trim().length > 0 && text.isWellFormed());
    const titles = fc.sample(visible, { numRuns: 40, seed: 7 });
    const made: GraphJson[] = [];
    for (const text of titles) made.push(await aGraph(searcher, { title: text }));
    await searcher.put(`${GRAPHS}/${made[0]!.id}`, { title: 'ab Ab' });
    await searcher.delete(`${GRAPHS}/${made[1]!.id}`);
    await searcher.delete(`${GRAPHS}/${made[2]!.id}`);
    await searcher.post(`${GRAPHS}/${made[2]!.id}/recover`);
    await searcher.delete(`${GRAPHS}/${made[3]!.id}`);
    await searcher.post(`${GRAPHS}/${made[3]!.id}/purge`);
    await searcher.put(`${GRAPHS}/${made[4]!.id}`, { title: 'for a moment' });
    await searcher.post(`${GRAPHS}/${made[4]!.id}/restore`, { version: 1 });
    const now = (await searcher.get(`${GRAPHS}?limit=500`)).json<GraphJson[]>();
    expect(now).toHaveLength(titles.length - 2);
    const q = fc.oneof(
      fc.array(letters, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
      fc.constantFrom(...titles).chain((text) => fc.integer({ min: 0, max: text.length - 1 }).map((at) => text.slice(at))), // prettier-ignore
    );
    const usable = q.filter((text) => text.isWellFormed());
    await fc.assert(
      fc.asyncProperty(usable, async (text) => {
        const found = await searcher.get(`${GRAPHS}?limit=500&q=${encodeURIComponent(text)}`);
        const expected = now.filter((one) => foldTitle(one.title).includes(foldTitle(text)));
        expect(ids(found)).toEqual(expected.map(({ id }) => id));
        expect(found.headers.get('x-total-count')).toBe(String(expected.length));
      }),
      { numRuns: 60 },
    );
  });

  it('takes titles of ligatures that are far longer when folded, and pages over them', async () => {
    const searcher = await app.aUser();
    // 18 letters each; 256 different squares of four or five letters.
    const squares = Array.from({ length: 200 }, (_, at) => String.fromCodePoint(0x3300 + at)).join('');
    for (const text of ['\uFDFA'.repeat(200), squares, `${squares.slice(1)}\uFDFA`])
      await aGraph(searcher, { title: text });
    expect(ids(await searcher.get(`${GRAPHS}?q=${encodeURIComponent('\u3301')}`))).toHaveLength(2);
    const first = await searcher.get(`${GRAPHS}?sort=title&limit=1`);
    const second = await searcher.get(nextOf(first)!);
    const third = await searcher.get(nextOf(second)!);
    expect(new Set([first, second, third].flatMap(ids)).size).toBe(3);
  });
});
