import { startApp, type TestApp } from '../support/app';
import { type ApiAnswer, type ApiClient } from '../support/client';
import { GRAPHS, aGraph, aGraphOf, type GraphJson } from '../support/graphs';

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const query = (words: Record<string, string>) => `${GRAPHS}?${new URLSearchParams(words).toString()}`;
const titles = (answer: ApiAnswer) => answer.json<GraphJson[]>().map(({ title }) => title);

/** A new user who has graphs with these titles, made in this order. */
async function owning(...wanted: string[]): Promise<ApiClient> {
  const user = await app.aUser();
  for (const title of wanted) await aGraph(user, { title });
  return user;
}

/** The address of the next part, out of `Link`. */
function nextOf(answer: ApiAnswer): string | undefined {
  const link = answer.headers.get('link');
  return link === null ? undefined : (/^<([^>]+)>; rel="next"$/.exec(link)?.[1] ?? `not a link: ${link}`);
}

/** All parts from `path` on, one after the other; `between` happens after each. */
async function walk(user: ApiClient, path: string, between?: () => Promise<unknown>): Promise<GraphJson[]> {
  const seen: GraphJson[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const answer: ApiAnswer = await user.get(next);
    expect(answer.status).toBe(200);
    seen.push(...answer.json<GraphJson[]>());
    await between?.();
    next = nextOf(answer);
  }
  return seen;
}

describe('the list of graphs', () => {
  it('is a plain array, newest first, without config and versions', async () => {
    const user = await owning('first', 'second', 'third');
    const answer = await user.get(GRAPHS);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(titles(answer)).toEqual(['third', 'second', 'first']);
    expect(answer.headers.get('x-total-count')).toBe('3');
    expect(answer.headers.get('link')).toBeNull();
    const { config: _, ...whole } = await aGraph(user);
    expect((await user.get(`${GRAPHS}/`)).json<GraphJson[]>()[0]).toEqual(whole);
  });

  it('is an empty array for somebody who has none, whatever is included', async () => {
    const user = await app.aUser();
    for (const path of [GRAPHS, `${GRAPHS}?include=config`, `${GRAPHS}?include=config,versions`]) {
      const answer = await user.get(path);
      expect([answer.status, answer.text, answer.headers.get('x-total-count')]).toEqual([200, '[]', '0']);
    }
  });
});

describe('filters', () => {
  it('picks by status, and counts what was picked', async () => {
    const user = await app.aUser();
    for (const status of ['draft', 'active', 'archived', 'active'])
      await aGraph(user, { title: status, status });
    for (const [status, found] of [
      ['draft', 1],
      ['active', 2],
      ['archived', 1],
    ] as const) {
      const answer = await user.get(query({ status }));
      expect(titles(answer)).toEqual(Array<string>(found).fill(status));
      expect(answer.headers.get('x-total-count')).toBe(String(found));
    }
  });

  it.each([
    ['order', ['My ORDER flow', 'Orders']],
    ['ORDER', ['My ORDER flow', 'Orders']],
    ['r f', ['My ORDER flow']],
    ['%', ['100% sure']],
    ['_', ['snake_case']],
    ['\\', ['back\\slash']],
    ['e\\s', []],
    ['k\\s', ['back\\slash']],
    ["'", ["it's quoted"]],
    ['ÄPFEL', ['Über äpfel']],
    ['über', ['Über äpfel']],
    ['пРИ', ['Привет']],
    ['😀', ['smile 😀']],
    ['nothing of the kind', []],
  ])('finds %j in titles, whatever the letter case and without wildcards', async (q, found) => {
    const user = await owning(
      ...['Orders', 'My ORDER flow', '100% sure', 'snake_case', 'back\\slash', "it's quoted"],
      ...['Über äpfel', 'Привет', 'smile 😀', 'snakecase', '100 sure'],
    );
    const answer = await user.get(query({ q, sort: 'title' }));
    expect(titles(answer).sort()).toEqual([...found].sort());
    expect(answer.headers.get('x-total-count')).toBe(String(found.length));
  });

  it.each([
    ['a part that ends in a Greek sigma', 'ΟΔΟΣΑ', 'ΟΔΟΣ'],
    ['the whole title', 'ﬁnal ½ Ⅷ', 'ﬁnal ½ Ⅷ'],
    ['an accent written in another way', 'Caf\u00e9', 'Cafe\u0301'],
  ])('finds a title by %s', async (_, title, q) => {
    const user = await owning(title, 'another');
    expect(titles(await user.get(query({ q })))).toEqual([title]);
  });

  it('uses the present title after a change', async () => {
    const user = await app.aUser();
    const { id } = await aGraph(user, { title: 'old name' });
    await user.put(`${GRAPHS}/${id}`, { title: 'new name' });
    expect(titles(await user.get(query({ q: 'old' })))).toEqual([]);
    expect(titles(await user.get(query({ q: 'new' })))).toEqual(['new name']);
  });

  it('leaves out, shows only, or includes the deleted', async () => {
    const user = await owning('kept');
    const gone = await aGraph(user, { title: 'gone' });
    await user.delete(`${GRAPHS}/${gone.id}`);
    for (const [deleted, found] of [
      ['exclude', ['kept']],
      ['only', ['gone']],
      ['include', ['gone', 'kept']],
    ] as const) {
      const answer = await user.get(query({ deleted }));
      expect(titles(answer)).toEqual(found);
      expect(answer.headers.get('x-total-count')).toBe(String(found.length));
    }
    expect(titles(await user.get(GRAPHS))).toEqual(['kept']);
    const [shown] = (await user.get(query({ deleted: 'only', include: 'config,versions' }))).json<
      GraphJson[]
    >();
    expect(shown?.purge_at).not.toBeNull();
    expect(shown?.versions?.map(({ change }) => change)).toEqual(['deleted', 'created']);
  });

  it('takes several filters together', async () => {
    const user = await app.aUser();
    for (const [title, status] of [
      ['a one', 'active'],
      ['a two', 'draft'],
      ['b one', 'active'],
    ] as const)
      await aGraph(user, { title, status });
    expect(titles(await user.get(query({ q: 'one', status: 'active', sort: 'title', limit: '1' })))).toEqual([
      'a one',
    ]);
  });
});

describe('orders', () => {
  it.each([
    ['created_at', ['b', 'a', 'C']],
    ['-created_at', ['C', 'a', 'b']],
    ['updated_at', ['a', 'C', 'b']],
    ['-updated_at', ['b', 'C', 'a']],
    ['title', ['a', 'b', 'C']],
    ['-title', ['C', 'b', 'a']],
  ])('sorts by %s', async (sort, expected) => {
    app.clock.stop();
    const user = await app.aUser();
    const first = await aGraph(user, { title: 'b' });
    for (const title of ['a', 'C']) {
      app.clock.advance(10);
      await aGraph(user, { title });
    }
    app.clock.advance(10);
    await user.put(`${GRAPHS}/${first.id}`, { description: 'changed last' });
    expect(titles(await user.get(query({ sort })))).toEqual(expected);
    expect((await walk(user, query({ sort, limit: '1' }))).map(({ title }) => title)).toEqual(expected);
  });

  it('has a fixed order among equal titles and times', async () => {
    app.clock.stop();
    const user = await owning(...Array<string>(7).fill('same'));
    for (const sort of ['title', '-title', 'updated_at', '-updated_at', 'created_at', '-created_at']) {
      const whole = (await user.get(query({ sort }))).json<GraphJson[]>().map(({ id }) => id);
      const walked = (await walk(user, query({ sort, limit: '2' }))).map(({ id }) => id);
      expect(walked).toEqual(whole);
      expect(new Set(walked).size).toBe(7);
    }
  });
});

describe('what a list includes', () => {
  // Equal in meaning for a parser that prints again, different in bytes.
  const CONFIGS = [
    '{"a":1.0,"a" : 1e400}',
    '[ 12345678901234567890 ]',
    '{"__proto__":{"\\u0041":"\\/"}}',
    '{}',
  ];

  it.each(['config', 'config,versions', 'versions,config'])(
    'has configs byte for byte with include=%s',
    async (include) => {
      const user = await app.aUser();
      for (const config of CONFIGS) await aGraphOf(user, config, `${CONFIGS.indexOf(config)}`);
      const answer = await user.get(query({ include, sort: 'title' }));
      expect(answer.json<GraphJson[]>()).toHaveLength(CONFIGS.length);
      let from = 0;
      for (const config of CONFIGS) {
        const member = Buffer.from(`"config":${config}}`);
        const at = answer.bytes.indexOf(member, from);
        expect(at).toBeGreaterThan(from);
        from = at + member.length;
      }
      expect(answer.bytes.subarray(from).toString()).toBe(']');
    },
  );

  it('has versions as their own list shows them, and no config, with include=versions', async () => {
    const user = await app.aUser();
    const { id } = await aGraph(user, { title: 'x' });
    await user.put(`${GRAPHS}/${id}`, { title: 'y' });
    const [graph] = (await user.get(query({ include: 'versions' }))).json<GraphJson[]>();
    expect(graph).not.toHaveProperty('config');
    expect(graph?.versions).toEqual((await user.get(`${GRAPHS}/${id}/versions`)).json());
    expect(graph?.versions?.map(({ title }) => title)).toEqual(['y', 'x']);
  });

  it('pages and counts with include as without', async () => {
    const user = await owning('1', '2', '3');
    const answer = await user.get(query({ include: 'config', limit: '2' }));
    expect(answer.headers.get('x-total-count')).toBe('3');
    expect((await walk(user, query({ include: 'config', limit: '2' }))).map(({ title }) => title)).toEqual([
      '3',
      '2',
      '1',
    ]);
    expect(nextOf(answer)).toContain('include=config');
  });
});

describe('parts of a list', () => {
  it('passes over `skip` and answers at most `limit`, and names the next part', async () => {
    const user = await owning('1', '2', '3', '4', '5');
    const answer = await user.get(query({ limit: '2', skip: '1' }));
    expect(titles(answer)).toEqual(['4', '3']);
    expect(answer.headers.get('x-total-count')).toBe('5');
    expect(titles(await user.get(nextOf(answer) ?? ''))).toEqual(['2', '1']);
    expect(titles(await user.get(query({ skip: '5' })))).toEqual([]);
    expect((await user.get(query({ limit: '5' }))).headers.get('link')).toBeNull();
  });

  it('keeps filters and order in the address of the next part', async () => {
    const user = await owning('x & 1', 'y', 'x & 2', 'x & 3');
    const path = query({ q: 'X &', sort: 'title', limit: '1', status: 'draft', deleted: 'include' });
    expect((await walk(user, path)).map(({ title }) => title)).toEqual(['x & 1', 'x & 2', 'x & 3']);
  });

  it('reaches every graph once by the cursor while others, and the same user, make and delete graphs', async () => {
    const user = await owning(...Array.from({ length: 23 }, (_, n) => `there before ${n}`));
    const before = (await user.get(query({ limit: '500' }))).json<GraphJson[]>().map(({ id }) => id);
    const other = await app.aUser();
    for (const sort of ['-created_at', 'created_at', '-updated_at', 'title', '-title']) {
      const walked = await walk(user, query({ sort, limit: '5' }), async () => {
        const made = await Promise.all([aGraph(user, { title: 'new' }), aGraph(other), aGraph(other)]);
        if (sort !== 'created_at') return;
        // Going forward in time the walk would never end; what is deleted behind it must not shift it.
        await user.delete(`${GRAPHS}/${made[0].id}`);
      });
      const ids = walked.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.filter((id) => before.includes(id)).sort()).toEqual([...before].sort());
    }
  });

  it('answers 100 at most unless more are asked for, up to 500', async () => {
    const user = await app.aUser();
    const made = await Promise.all(Array.from({ length: 103 }, () => user.post(GRAPHS, { title: 'many' })));
    expect(made.every(({ status }) => status === 201)).toBe(true);
    expect((await user.get(GRAPHS)).json<GraphJson[]>()).toHaveLength(100);
    expect((await user.get(query({ limit: '500' }))).json<GraphJson[]>()).toHaveLength(103);
  });
});
