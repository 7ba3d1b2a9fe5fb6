import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { diffConfigs, diffValues, type ConfigDiff } from '../../src/diff/diff-configs';
import { detectDialect, readGraph } from '../../src/diff/dialects/read-graph';
import type { Json } from '../../src/diff/json';

const SAMPLES = join(__dirname, '../samples/graphs');
const CASES = join(__dirname, '../../../shared/cases');

type Obj = Record<string, Json>;

/** The counts that are not zero. */
function counts({ summary }: ConfigDiff): Record<string, number> {
  return Object.fromEntries(Object.entries(summary).filter(([, count]) => count > 0));
}

function n8n(more: Obj = {}, rename = 'Set', id: string | null = 'b'): Obj {
  const node = (name: string, own: string | null, x: number): Obj => ({
    ...(own !== null && { id: own }),
    name,
    type: 'n8n-nodes-base.set',
    typeVersion: 3,
    position: [x, 0],
    parameters: { value: `of ${x}` },
  });
  const ids = id === null ? [null, null] : ['a', id];
  return {
    nodes: [node('Start', ids[0] ?? null, 0), node(rename, ids[1] ?? null, 200)],
    connections: { Start: { main: [[{ node: rename, type: 'main', index: 0 }]] } },
    ...more,
  };
}

function panels(...titles: string[]): Json[] {
  return titles.map((title, index) => ({
    id: index + 1,
    type: 'timeseries',
    title,
    gridPos: { x: 0, y: 8 * index, w: 12, h: 8 },
    targets: [{ expr: `rate(${title})` }],
  }));
}

function v2(title: string, y: number, layout?: Json): Obj {
  const grid = {
    kind: 'GridLayout',
    spec: {
      items: [
        {
          kind: 'GridLayoutItem',
          spec: { x: 0, y, width: 12, height: 8, element: { kind: 'ElementReference', name: 'panel-1' } },
        },
      ],
    },
  };
  const panel = { kind: 'Panel', spec: { id: 1, title, vizConfig: { kind: 'timeseries', spec: {} } } };
  return { title: 'd', elements: { 'panel-1': panel }, layout: layout ?? grid };
}

function flow(...nodes: Obj[]): Obj {
  return { nodes, edges: [{ id: 'e', source: '1', target: '2', label: 'yes', data: { when: 'x > 1' } }] };
}

const box = (id: string, x: number, more: Obj = {}): Obj => ({
  id,
  type: 'step',
  position: { x, y: 0 },
  data: { label: `N ${id}` },
  ...more,
});

function comfy(more: Obj = {}): Obj {
  return {
    nodes: [
      { id: 1, type: 'Load', pos: [0, 0], size: [200, 80], outputs: [{ name: 'IMAGE' }, { name: 'IMAGE' }] },
      { id: 2, type: 'Save', pos: [300, 0], size: [200, 80], inputs: [{ name: 'images' }] },
    ],
    links: [[1, 1, 0, 2, 0, 'IMAGE']],
    groups: [{ title: 'In', bounding: [0, 0, 300, 200], color: '#333' }],
    version: 0.4,
    ...more,
  };
}

const SUB = '7e0c1111-0000-4000-8000-00000000cafe';

function subgraph(name: string, input: string): Obj {
  const inner: Obj = {
    id: SUB,
    name,
    inputNode: { id: -10, bounding: [-200, 0, 100, 60] },
    outputNode: { id: -20, bounding: [400, 0, 100, 60] },
    inputs: [{ id: 's1', name: input, type: 'IMAGE', linkIds: [1] }],
    outputs: [],
    nodes: [{ id: 1, type: 'Scale', pos: [0, 0], inputs: [{ name: 'image', link: 1 }] }],
    links: [{ id: 1, origin_id: -10, origin_slot: 0, target_id: 1, target_slot: 0, type: 'IMAGE' }],
  };
  return {
    nodes: [{ id: 5, type: SUB, pos: [0, 0] }],
    links: [],
    definitions: { subgraphs: [inner] },
    version: 0.4,
  };
}

function red(more: Obj[] = [], links: string[] = ['in1'], label = 'Main'): Json {
  return [
    { id: 'aaaaaaaa01', type: 'tab', label },
    { id: 'aaaaaaaa02', type: 'tab', label: 'Other' },
    { id: 'out1', type: 'link out', z: 'aaaaaaaa01', x: 100, y: 40, wires: [], links },
    { id: 'in1', type: 'link in', z: 'aaaaaaaa01', x: 300, y: 40, wires: [['dbg']], links: ['out1'] },
    {
      id: 'in2',
      type: 'link in',
      z: 'aaaaaaaa01',
      x: 300,
      y: 90,
      wires: [['dbg']],
      links: links.includes('in2') ? ['out1'] : [],
    },
    { id: 'dbg', type: 'debug', z: 'aaaaaaaa01', x: 500, y: 40, wires: [] },
    ...more,
  ];
}

const template = (name: string): Obj[] => [
  { id: 'bbbbbbbb01', type: 'subflow', name, in: [], out: [] },
  { id: 'use1', type: 'subflow:bbbbbbbb01', z: 'aaaaaaaa01', x: 50, y: 50, name: '', wires: [] },
];

/** Encoders of these texts, the last two of which lead to a sampler. */
function prompt(...texts: string[]): Obj {
  const count = texts.length;
  const graph: Obj = {};
  texts.forEach((text, index) => (graph[String(index + 1)] = { class_type: 'Encode', inputs: { text } }));
  const inputs = { positive: [String(count - 1), 0], negative: [String(count), 0] };
  return { ...graph, [String(count + 1)]: { class_type: 'Sampler', inputs } };
}

const dify = (graph: Obj, features: Obj): Json => ({
  kind: 'app',
  version: '0.3.0',
  workflow: { graph, features },
});
const langflow = (x: number): Obj => ({ name: 'One', data: flow(box('1', x), box('2', 500)) });
const dashboard = (title: string): Obj => ({ title: 'd', schemaVersion: 39, panels: panels(title, 'B') });
const rows = (inFirst: boolean): Obj => {
  const [one, two] = panels('A', 'B') as [Obj, Obj];
  const row = (id: number, ...inside: Json[]): Obj => ({
    id,
    type: 'row',
    title: `R${id}`,
    collapsed: true,
    gridPos: { x: 0, y: id, w: 24, h: 1 },
    panels: inside,
  });
  return {
    schemaVersion: 39,
    title: 'd',
    panels: inFirst ? [row(10, one, two), row(11)] : [row(10, one), row(11, two)],
  };
};

function rowOf(title: string): Json {
  const element = { kind: 'ElementReference', name: 'panel-1' };
  const items = [{ kind: 'GridLayoutItem', spec: { x: 0, y: 0, width: 12, height: 8, element } }];
  const grid = { kind: 'GridLayout', spec: { items } };
  return { kind: 'RowsLayout', spec: { rows: [{ kind: 'RowsLayoutRow', spec: { title, layout: grid } }] } };
}

function withoutIds(...titles: string[]): Json[] {
  return panels(...titles).map((panel) => {
    const { id: _, ...rest } = panel as Obj;
    return { ...rest, targets: [{ expr: 'up' }] };
  });
}

const DIFFERENCES: [what: string, from: Json, to: Json, dialect: string, expected: Record<string, number>][] =
  [
    [
      'a renamed n8n node without ids',
      n8n({}, 'Set', null),
      n8n({}, 'Renamed', null),
      'n8n',
      { nodes_changed: 1 },
    ],
    ['n8n settings', n8n({ settings: { a: 1 } }), n8n({ settings: { a: 2 } }), 'n8n', { other_changed: 1 }],
    [
      'n8n pinned data that came',
      n8n(),
      n8n({ pinData: { Set: [{ json: {} }] } }),
      'n8n',
      { other_changed: 1 },
    ],
    [
      'an n8n workflow in an API answer',
      { data: n8n() },
      { data: n8n({}, 'New') },
      'n8n',
      { nodes_changed: 1 },
    ],
    [
      'an n8n workflow among several',
      [n8n(), n8n({ name: 'w2' })],
      [n8n(), n8n({ name: 'w2' }, 'New')],
      'n8n',
      { nodes_changed: 1 },
    ],
    [
      'n8n with connections as a list',
      { ...n8n(), connections: [] },
      { ...n8n({}, 'New'), connections: [] },
      'n8n',
      { nodes_changed: 1 },
    ],
    [
      'n8n without connections',
      { nodes: n8n()['nodes']! },
      { nodes: n8n({}, 'New')['nodes']! },
      'n8n',
      { nodes_changed: 1 },
    ],
    [
      'reused numbers of panels',
      dashboard('A'),
      { ...dashboard('A'), panels: panels('New', 'A', 'B') },
      'grafana',
      { nodes_added: 1, nodes_moved: 2 },
    ],
    [
      'reused numbers of nodes of the API form',
      prompt('a', 'b'),
      prompt('new', 'a', 'b'),
      'comfyui',
      { nodes_added: 1 },
    ],
    [
      'a dashboard as a resource',
      { kind: 'Dashboard', spec: dashboard('A') },
      { kind: 'Dashboard', spec: dashboard('A2') },
      'grafana',
      { nodes_changed: 1 },
    ],
    [
      'a dashboard of the API',
      { dashboard: dashboard('A'), meta: { v: 1 } },
      { dashboard: dashboard('A'), meta: { v: 2 } },
      'grafana',
      { other_changed: 1 },
    ],
    ['a dashboard of schema v2, renamed', v2('A', 0), v2('A2', 0), 'grafana', { nodes_changed: 1 }],
    [
      'a dashboard of schema v2, moved',
      { spec: v2('A', 0) },
      { spec: v2('A', 8) },
      'grafana',
      { nodes_moved: 1 },
    ],
    [
      'the variables of a dashboard',
      { ...dashboard('A'), time: { from: '1h' } },
      { ...dashboard('A'), time: { from: '6h' } },
      'grafana',
      { other_changed: 1 },
    ],
    ['a panel in another row', rows(true), rows(false), 'grafana', { nodes_moved: 1 }],
    [
      'the label of an edge',
      flow(box('1', 0), box('2', 9)),
      {
        ...flow(box('1', 0), box('2', 9)),
        edges: [{ id: 'f', source: '1', target: '2', label: 'no', data: { when: 'x > 1' } }],
      },
      'react-flow',
      { edges_changed: 1 },
    ],
    [
      'a resized node',
      flow(box('1', 0, { width: 90, height: 40, measured: { width: 90, height: 40 } }), box('2', 9)),
      flow(box('1', 0, { width: 190, height: 40, measured: { width: 190, height: 40 } }), box('2', 9)),
      'react-flow',
      { nodes_moved: 1 },
    ],
    [
      'another parent',
      flow(box('1', 0), box('2', 9)),
      flow(box('1', 0), box('2', 9, { parentId: '1' })),
      'react-flow',
      { nodes_moved: 1 },
    ],
    [
      'a flow of a collection',
      { flows: [langflow(0)] },
      { flows: [langflow(50)] },
      'react-flow',
      { nodes_moved: 1 },
    ],
    [
      'a Flowise row',
      { id: 'x', flowData: JSON.stringify(flow(box('1', 0), box('2', 9))) },
      { id: 'x', flowData: JSON.stringify(flow(box('1', 1), box('2', 9))) },
      'react-flow',
      { nodes_moved: 1 },
    ],
    [
      'the features of a Dify app',
      dify(flow(box('1', 0)), { greeting: '' }),
      dify(flow(box('1', 0)), { greeting: 'Hi' }),
      'react-flow',
      { other_changed: 1 },
    ],
    [
      'a renamed group without an id',
      comfy(),
      comfy({ groups: [{ title: 'Images', bounding: [0, 0, 300, 200], color: '#333' }] }),
      'comfyui',
      { nodes_changed: 1 },
    ],
    [
      'a link from the second of two outputs with one name',
      comfy(),
      comfy({ links: [[1, 1, 1, 2, 0, 'IMAGE']] }),
      'comfyui',
      { edges_added: 1, edges_removed: 1 },
    ],
    [
      'a moved reroute',
      comfy({ reroutes: [{ id: 1, pos: [9, 9], linkIds: [1] }] }),
      comfy({ reroutes: [{ id: 1, pos: [99, 9], linkIds: [1] }] }),
      'comfyui',
      { nodes_moved: 1 },
    ],
    [
      'a renamed subgraph',
      subgraph('Scale', 'image'),
      subgraph('Upscale', 'image'),
      'comfyui',
      { nodes_changed: 1 },
    ],
    [
      'a renamed input of a subgraph',
      subgraph('Scale', 'image'),
      subgraph('Scale', 'picture'),
      'comfyui',
      { nodes_changed: 1 },
    ],
    [
      'the metadata of a picture',
      { prompt: prompt('a', 'b'), workflow: comfy() },
      { prompt: prompt('a', 'c'), workflow: comfy() },
      'comfyui',
      { other_changed: 1 },
    ],
    [
      'a workflow without links',
      { nodes: [{ id: 1, type: 'A', pos: [0, 0] }], version: 1 },
      { nodes: [{ id: 1, type: 'A', pos: [5, 0] }], version: 1 },
      'comfyui',
      { nodes_moved: 1 },
    ],
    [
      'a link of {nodes, links}',
      { nodes: [{ id: 'A' }, { id: 'B' }], links: [{ source: 'A', target: 'B' }] },
      { nodes: [{ id: 'A' }, { id: 'B' }], links: [] },
      'node-link',
      { edges_removed: 1 },
    ],
    ['a second virtual wire', red(), red([], ['in1', 'in2']), 'node-red', { edges_added: 1 }],
    [
      'a renamed subflow',
      red(template('Smooth')),
      red(template('Smoother')),
      'node-red',
      { nodes_changed: 1 },
    ],
    [
      'a snapshot',
      { flows: { flows: red(), credentials: {} } },
      { flows: { flows: red([], ['in1'], 'New'), credentials: {} } },
      'node-red',
      { nodes_changed: 1 },
    ],
    [
      'a single flow',
      {
        id: 'aaaaaaaa01',
        label: 'Main',
        nodes: [{ id: 'n', type: 'debug', x: 1, y: 1, wires: [] }],
        configs: [],
      },
      {
        id: 'aaaaaaaa01',
        label: 'Main',
        nodes: [{ id: 'n', type: 'debug', x: 9, y: 1, wires: [] }],
        configs: [],
      },
      'node-red',
      { nodes_moved: 1 },
    ],
    [
      'a node on another tab',
      red([{ id: 'x', type: 'debug', z: 'aaaaaaaa01', x: 1, y: 1, wires: [] }]),
      red([{ id: 'x', type: 'debug', z: 'aaaaaaaa02', x: 1, y: 1, wires: [] }]),
      'node-red',
      { nodes_moved: 1 },
    ],
    [
      'a renamed row of schema v2, which has no id',
      v2('A', 0, rowOf('Old')),
      v2('A', 0, rowOf('New')),
      'grafana',
      { nodes_changed: 1 },
    ],
    [
      'a renamed workflow among several without ids',
      [n8n({ name: 'One' }, 'Set', null), n8n({ name: 'Two' }, 'Other', null)],
      [n8n({ name: 'Uno' }, 'Set', null), n8n({ name: 'Two' }, 'Other', null)],
      'n8n',
      { nodes_changed: 1 },
    ],
    [
      'a renamed panel without an id',
      { schemaVersion: 39, title: 'd', panels: withoutIds('A', 'B') },
      { schemaVersion: 39, title: 'd', panels: withoutIds('A', 'C') },
      'grafana',
      { nodes_changed: 1 },
    ],
    [
      'a document of no known kind',
      { a: { b: 1 }, c: 1 },
      { a: { b: 2 }, c: 1 },
      'json',
      { other_changed: 1 },
    ],
  ];

describe('differences', () => {
  it.each(DIFFERENCES)('%s', (_, from, to, dialect, expected) => {
    const diff = diffValues(from, to);
    expect(diff.dialect).toBe(dialect);
    expect(counts(diff)).toEqual(expected);
  });

  it('name the container that changed', () => {
    expect(diffValues(rows(true), rows(false)).nodes.moved).toMatchObject([
      { name: 'B', from: { container: '10' }, to: { container: '11' } },
    ]);
  });

  it('name the graphs of a list after what wraps them', () => {
    const { nodes } = readGraph({ flows: [langflow(0), { ...langflow(1), name: 'Two' }] });
    expect(nodes.filter(({ role }) => role === 'sheet').map(({ name }) => name)).toEqual(['One', 'Two']);
  });

  it('tell virtual wires from drawn ones', () => {
    expect(diffValues(red(), red([], ['in1', 'in2'])).edges.added).toEqual([
      {
        ...{ source: 'out1', source_port: null, source_name: 'link out' },
        ...{ target: 'in2', target_port: null, target_name: 'link in' },
        virtual: true,
      },
    ]);
  });

  it('point to the changed parts outside nodes and edges', () => {
    const { other } = diffValues(
      { data: n8n({ settings: { a: 1 } }) },
      { data: n8n({ settings: { a: 2 } }) },
    );
    expect(other).toEqual([{ path: '/data/settings', changes: [{ op: 'replace', path: '/a', value: 2 }] }]);
  });
});

describe('every dialect', () => {
  const samples = readdirSync(SAMPLES).map(
    (file) => [file, JSON.parse(readFileSync(join(SAMPLES, file), 'utf8')) as Json] as const,
  );

  it.each(samples)('%s does not differ from itself', (_, config) => {
    expect(counts(diffValues(config, structuredClone(config)))).toEqual({});
  });

  it.each(samples)('%s with any member changed is not equal', (_, config) => {
    fc.assert(
      fc.property(fc.nat(), (pick) => {
        const changed = structuredClone(config);
        const places = leaves(changed);
        const [holder, key] = places[pick % places.length]!;
        holder[key] = 'another';
        const diff = diffValues(config, changed);
        expect(Object.keys(counts(diff)).length > 0).toBe(diff.patch.length > 0);
      }),
      { numRuns: 60 },
    );
  });
});

/** Every member that holds no further ones. */
function leaves(value: Json): [Record<string, Json>, string][] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, Json>;
  return Object.entries(holder).flatMap(([key, inner]) =>
    typeof inner === 'object' && inner !== null
      ? leaves(inner)
      : [[holder, key] as [Record<string, Json>, string]],
  );
}

describe('identity', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 2, maxLength: 8 }), { minLength: 3, maxLength: 12 });

  function graph(list: readonly string[], idOf: (index: number) => string, x = 0): Obj {
    return {
      nodes: list.map((name, index) => ({
        id: idOf(index),
        type: 'step',
        position: { x: x + index * 100, y: 0 },
        data: { label: name, text: `does ${name}` },
      })),
      edges: list.slice(1).map((_, index) => ({ source: idOf(index), target: idOf(index + 1) })),
    };
  }

  it('survives new ids, and reused numbers', () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 3 }), (list, shift) => {
        const from = graph(list, (index) => String(index + 1));
        const renumbered = diffValues(
          from,
          graph(list, (index) => String(index + 1 + shift)),
        );
        const remade = diffValues(
          from,
          graph(list, (index) => `node-${'abcdefghijkl'[index]}-x`),
        );
        for (const { summary } of [renumbered, remade])
          expect({ ...summary, other_changed: 0 }).toEqual({
            ...summary,
            other_changed: 0,
            nodes_added: 0,
            nodes_removed: 0,
            nodes_changed: 0,
            nodes_moved: 0,
            edges_added: 0,
            edges_removed: 0,
          });
      }),
    );
  });

  it('survives a rename together with ids that were re-made', () => {
    fc.assert(
      fc.property(names, fc.nat(), (list, pick) => {
        const renamed = list.map((name, index) => (index === pick % list.length ? `${name} renamed` : name));
        const to = graph(renamed, (index) => `node-${'abcdefghijkl'[index]}-x`);
        expect(
          counts(
            diffValues(
              graph(list, (index) => String(index + 1)),
              to,
            ),
          ),
        ).toEqual({ nodes_changed: 1 });
      }),
    );
  });

  it('tells a node put in front as one, and the others as moved', () => {
    fc.assert(
      fc.property(names, (list) => {
        const to = graph(['put in front', ...list], (index) => String(index + 1), -100);
        const { summary } = diffValues(
          graph(list, (index) => String(index + 1)),
          to,
        );
        expect(summary).toMatchObject({
          nodes_added: 1,
          nodes_removed: 0,
          nodes_changed: 0,
          nodes_moved: 0,
          edges_added: 1,
          edges_removed: 0,
        });
      }),
    );
  });
});

const shared = existsSync(CASES)
  ? readdirSync(CASES).filter((name) => existsSync(join(CASES, name, 'from.json')))
  : [];
const onlyWithCases =
  shared.length > 0
    ? it.each(shared)
    : it.skip.each(['the collection of failing cases is not on this machine']);

onlyWithCases('case %s is described as its folder says', (name) => {
  const read = (file: string): Buffer => readFileSync(join(CASES, name, file));
  const expected = /^- expected: (.*)$/m.exec(read('expected.md').toString())?.[1] ?? '';
  const diff = diffConfigs(read('from.json'), read('to.json'));
  const found = counts(diff);
  const dialect = /dialect ([a-z0-9-]+)/.exec(expected)?.[1];
  if (dialect !== undefined) expect(diff.dialect).toBe(dialect);
  for (const [, key = '', count] of expected.matchAll(/n\.(added|changed|moved)=(\d+)/g)) {
    if (!expected.includes(' or ')) expect(found[`nodes_${key}`]).toBe(Number(count));
  }
  expect(Object.keys(found).length).toBeGreaterThan(0);
});

it('leaves what is no graph to json', () => {
  for (const config of [{}, [], [1], { nodes: [] }, { data: { nodes: 1 } }, { flows: ['x'] }] as Json[])
    expect(detectDialect(config)).toBe('json');
});
