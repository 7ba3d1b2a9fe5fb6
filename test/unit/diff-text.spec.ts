import type { Json } from '../../src/diff/json';
import { diffText } from '../../src/diff/text/diff-text';
import { HOSTILE_NAMES, hostileGraphs } from '../support/hostile-names';

type Obj = Record<string, Json>;

const bytes = (value: Json): Buffer => Buffer.from(JSON.stringify(value));

function text(from: Json, to: Json, options = { markdown: false, reveal: false }): string {
  return diffText(bytes(from), bytes(to), options);
}

function request(parameters: Obj, name = 'HTTP Request'): Obj {
  return {
    nodes: [
      { id: 'a', name: 'Start', type: 'n8n-nodes-base.start', position: [0, 0], parameters: {} },
      { id: 'b', name, type: 'n8n-nodes-base.httpRequest', position: [200, 0], parameters },
    ],
    connections: { Start: { main: [[{ node: name, type: 'main', index: 0 }]] } },
  };
}

it('tells what changed in a node by name, with the value before and after', () => {
  const told = text(request({ url: 'a' }), request({ url: 'b', options: { timeout: 30 } }));
  expect(told).toContain('HTTP Request: options added ({"timeout":30}); url `a` → `b`');
});

it('tells nodes, edges and other parts that came, went, moved and changed', () => {
  const node = (id: string, x: number, label = `N ${id}`): Obj => ({
    id,
    type: 'step',
    position: { x, y: 0 },
    data: { label },
  });
  const from: Obj = {
    nodes: [node('aa', 0), node('bb', 200), node('gone', 400)],
    edges: [
      { source: 'aa', target: 'bb', label: 'yes' },
      { source: 'bb', target: 'gone' },
    ],
    mode: 1,
  };
  const to: Obj = {
    nodes: [node('aa', 50), node('bb', 200, 'Renamed'), node('newer', 900, 'New')],
    edges: [
      { source: 'aa', target: 'bb', label: 'no' },
      { source: 'bb', target: 'newer' },
    ],
    mode: 2,
  };
  expect(text(from, to)).toBe(
    [
      'Added nodes (1):\n  New (step)\n',
      'Removed nodes (1):\n  N gone (step)\n',
      'Changed nodes (1):\n  N bb, now Renamed: label `N bb` → `Renamed`\n',
      'Moved nodes (1):\n  N aa: place\n',
      'Added edges (1):\n  Renamed → New\n',
      'Removed edges (1):\n  N bb → N gone\n',
      'Changed edges (1):\n  N aa → Renamed: label `yes` → `no`\n',
      'Other changes (1):\n  /mode: mode `1` → `2`\n',
    ].join('\n'),
  );
});

it('says so when nothing changed', () => {
  expect(text(request({}), request({}))).toBe('Nothing changed.\n');
  const spaced = Buffer.from('{ "a": 1 }');
  expect(diffText(Buffer.from('{"a":1}'), spaced, { markdown: false, reveal: false })).toBe(
    'Only the formatting changed.\n',
  );
});

describe('secrets', () => {
  const SECRET = 'xq-hidden-93741';
  it.each<[string, Obj, Obj]>([
    ['a password', { password: SECRET }, { password: `${SECRET}2` }],
    ['a token in an object that came', {}, { auth: { access_token: SECRET } }],
    ['an API key deep inside', { a: { b: { apiKey: SECRET } } }, { a: { b: { apiKey: 'x' } } }],
    [
      'an authorization header by name',
      { headers: [{ name: 'Authorization', value: SECRET }] },
      { headers: [{ name: 'Authorization', value: 'other' }] },
    ],
    ['a list of headers that came', {}, { headers: [{ name: 'X-Api-Key', value: SECRET }] }],
    ['a bearer token under any key', { text: 'x' }, { text: `Bearer ${SECRET}` }],
    ['a password in an address', { url: 'x' }, { url: `https://user:${SECRET}@host/` }],
    ['a parameter of an address', { url: 'x' }, { url: `https://host/?page=2&api_key=${SECRET}` }],
    ['a key of an address', { url: 'x' }, { url: `https://host/?key=${SECRET}#id_token=${SECRET}` }],
    ['a user of an address', { url: 'x' }, { url: `https://${SECRET}@host/path` }],
    ['an address that is a secret', { a: 1 }, { a: `https://hooks.slack.com/services/T0/B0/${SECRET}` }],
    ['a header in a list of lists', { headers: [] }, { headers: [['Authorization', SECRET]] }],
    ['a header in a flat list', { headers: [] }, { headers: ['X-Api-Key', SECRET] }],
    ['a header of Node-RED', { h: [] }, { h: [{ keyValue: 'Authorization', valueValue: SECRET }] }],
    ['JSON in a text', { body: '{}' }, { body: JSON.stringify({ a: 1, password: `two ${SECRET}` }) }],
    [
      'JSON in JSON in a text',
      { b: '' },
      { b: JSON.stringify({ b: JSON.stringify({ client_secret: SECRET }) }) },
    ],
    ['a constant in code', { code: 'a' }, { code: `const cfg = { a: 1, 'X-API-Key': '${SECRET}' };` }],
    [
      'a secret far down in code',
      { code: `${'b();\n'.repeat(900)}apiKey = "x"` },
      { code: `${'b();\n'.repeat(900)}apiKey = "${SECRET}"` },
    ],
    ['a command line', { run: 'a' }, { run: `curl -u admin:${SECRET} -H "X-Api-Key: ${SECRET}" host` }],
    ['a connection in words', { dsn2: 'a' }, { dsn2: `host=h password=${SECRET} dbname=d` }],
    ['a private key', { text: 'a' }, { text: `-----BEGIN RSA PRIVATE KEY-----\n${SECRET}` }],
    [
      'an input that Langflow hides',
      { a: { value: 'x', password: true } },
      { a: { value: SECRET, password: true } },
    ],
    ['a variable that Dify hides', { a: [] }, { a: [{ name: 'KEY', value_type: 'secret', value: SECRET }] }],
    ['a secret in the name of a member', { a: {} }, { a: { [`Bearer ${SECRET}`]: 1 } }],
    ['a credential that was an object', { credentials: { id: SECRET } }, { credentials: { id: 'x' } }],
  ])('%s is masked, unless it is asked for', (_, before, after) => {
    const [from, to] = [request(before), request(after)];
    const masked = text(from, to);
    expect(masked).not.toContain(SECRET);
    expect(text(to, from)).not.toContain(SECRET);
    expect(masked).toContain('HTTP Request');
    const shown =
      text(from, to, { markdown: false, reveal: true }) + text(to, from, { markdown: false, reveal: true });
    expect(shown).toContain(SECRET);
  });

  it('in other parts of the document are masked, too', () => {
    expect(
      text({ ...request({}), secrets: { a: SECRET } }, { ...request({}), secrets: { a: 'x' } }),
    ).not.toContain(SECRET);
  });

  it('in the name of a node are masked, too', () => {
    const [from, to] = [request({}), request({}, `https://user:${SECRET}@host`)];
    expect(text(from, to)).not.toContain(SECRET);
    expect(text(from, to, { markdown: true, reveal: true })).toContain(SECRET);
  });

  it('are not seen where a value is taken from elsewhere, or says that there is one', () => {
    const told = text(
      request({ code: 'a', auth: { password: false } }),
      request({ code: 'const token = msg.payload.token;', auth: { password: true } }),
    );
    expect(told).toContain('`const token = msg.payload.token;`');
    expect(told).toContain('auth.password `false` → `true`');
    expect(text(request({ url: 'a' }), request({ url: 'https://host/?token=x&page=2' }))).toContain(
      '`https://host/?token=••••••&page=2`',
    );
  });

  it('are not seen in limits of tokens', () => {
    expect(text(request({ maxTokens: 100 }), request({ maxTokens: 200 }))).toContain(
      'maxTokens `100` → `200`',
    );
  });
});

it('keeps names and values on their line, in Markdown as code', () => {
  const evil = '`**@everyone**\n# heading <img src=x> ‮';
  const told = text(request({ url: 'a' }), request({ url: evil }, evil), { markdown: true, reveal: false });
  expect(told.split('\n').filter((line) => line.startsWith('#'))).toEqual([]);
  for (const line of told.split('\n')) expect((line.match(/`/g) ?? []).length % 2).toBe(0);
  expect(told).toContain('- `HTTP Request`, now `´**@everyone** # heading <img src=x> �`');
});

it('shows long texts from where they begin to differ', () => {
  const code = (end: string): Obj => ({ code: `${'step();\n'.repeat(500)}return ${end};` });
  expect(text(request(code('input')), request(code('output')))).toContain(
    'code `…p(); step(); return input;` → `…p(); step(); return output;`',
  );
});

it('stays short however much changed', () => {
  const many = (count: number): Obj => ({
    nodes: Array.from({ length: count }, (_, index) => ({
      id: `node-x${index}y`,
      data: { label: 'z'.repeat(5_000) },
    })),
    edges: [],
  });
  const told = text(many(0), many(5_000));
  expect(told).toContain('and 4900 more');
  expect(told.length).toBeLessThan(50_000);
});

it('tells hostile graphs of every dialect', () => {
  for (const name of HOSTILE_NAMES) {
    const harmless = hostileGraphs('harmless');
    for (const [dialect, config] of hostileGraphs(name)) {
      expect(
        diffText(Buffer.from(config), Buffer.from(harmless.get(dialect)!), { markdown: true, reveal: true })
          .length,
      ).toBeGreaterThan(10);
    }
  }
});
