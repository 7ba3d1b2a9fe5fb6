import { diffValues } from '../../src/diff/diff-configs';
import type { Json } from '../../src/diff/json';

/*
 * Kinds of differences in other forms: each graph in every wrapper that its tools write and in unknown ones; resizing,
 * renaming and renumbering where a file says little.
 */

type Obj = Record<string, Json>;
type Counts = Record<string, number>;

function counts(from: Json, to: Json): [dialect: string, counts: Counts] {
  const { dialect, summary } = diffValues(structuredClone(from), structuredClone(to));
  return [dialect, Object.fromEntries(Object.entries(summary).filter(([, count]) => count > 0))];
}

const text = (value: Json): string => JSON.stringify(value);

// ---- one graph of each dialect, with a node that is edited, moved, and one edge that is removed

interface Edit {
  edited?: boolean;
  moved?: boolean;
  unwired?: boolean;
}

function n8nOf({ edited, moved, unwired }: Edit = {}): Obj {
  const node = (id: string, name: string, x: number, url: string): Json => ({
    ...{
      id,
      name,
      type: 'n8n-nodes-base.httpRequest',
      typeVersion: 4,
      position: [x, 0],
      parameters: { url },
    },
  });
  return {
    name: 'Orders',
    nodes: [node('1a2b-c', 'Get', 0, 'a'), node('3d4e-f', 'Put', moved ? 300 : 200, edited ? 'c' : 'b')],
    connections: unwired ? {} : { Get: { main: [[{ node: 'Put', type: 'main', index: 0 }]] } },
  };
}

function flowOf({ edited, moved, unwired }: Edit = {}): Obj {
  const node = (id: string, x: number, prompt: string): Json => ({
    ...{ id, type: 'llm', position: { x, y: 0 }, data: { label: `Step ${id}`, prompt } },
  });
  return {
    nodes: [node('Prompt-aaBBc', 0, 'a'), node('Model-ddEEf', moved ? 300 : 200, edited ? 'c' : 'b')],
    edges: unwired ? [] : [{ id: 'e', source: 'Prompt-aaBBc', target: 'Model-ddEEf' }],
    viewport: { x: 0, y: 0, zoom: 1 },
  };
}

function redOf({ edited, moved, unwired }: Edit = {}): Obj[] {
  const node = (id: string, x: number, wires: Json, topic: string): Obj => ({
    ...{ id, type: 'mqtt out', z: 'f6f2187d.f17ca8', name: '', x, y: 40, wires, topic },
  });
  return [
    { id: 'f6f2187d.f17ca8', type: 'tab', label: 'Flow 1' },
    node('3cc11d24.ff01a2', 100, unwired ? [[]] : [['58cd05ad.1f0ccc']], 'a'),
    node('58cd05ad.1f0ccc', moved ? 400 : 300, [], edited ? 'c' : 'b'),
  ];
}

function comfyOf({ edited, moved, unwired }: Edit = {}): Obj {
  const node = (id: number, type: string, x: number, value: string): Json => ({
    ...{ id, type, pos: [x, 0], size: [200, 80], widgets_values: [value] },
    ...{ inputs: [{ name: 'in' }], outputs: [{ name: 'out' }] },
  });
  return {
    ...{ last_node_id: 2, version: 0.4 },
    nodes: [node(1, 'Load', 0, 'a.png'), node(2, 'Save', moved ? 400 : 300, edited ? 'c' : 'b')],
    links: unwired ? [] : [[1, 1, 0, 2, 0, 'IMAGE']],
  };
}

const panel = (id: Json, title: string, y: number, more: Obj = {}): Obj => ({
  ...{ ...(id !== null && { id }), type: 'timeseries', title, gridPos: { x: 0, y, w: 12, h: 8 } },
  ...{ targets: [{ refId: 'A', expr: `rate(${title}[5m])` }], ...more },
});

function dashboardOf({ edited, moved }: Edit = {}): Obj {
  const panels = [panel(1, 'cpu', 0), panel(2, 'memory', moved ? 16 : 8, edited ? { unit: 'bytes' } : {})];
  return { title: 'Hosts', schemaVersion: 39, panels };
}

type Wrap = (graph: Json) => Json;
const ANY: Record<string, Wrap> = {
  'as it is': (graph) => graph,
  'in a list': (graph) => [graph],
  'in an answer': (graph) => ({ success: true, data: graph }),
  'in a member of an unknown name': (graph) => ({ version: 3, canvasState: { current: graph } }),
  'as text in a member of an unknown name': (graph) => ({
    kind: 'ConfigMap',
    files: { 'a.json': text(graph) },
  }),
};

const WRAPS: [dialect: string, make: (edit?: Edit) => Json, wraps: Record<string, Wrap>][] = [
  [
    'n8n',
    n8nOf,
    {
      'a page of the API': (graph) => ({ data: [{ ...(graph as Obj), id: 'w1' }], nextCursor: null }),
      'a template': (graph) => ({ workflow: { id: 7, views: 3, workflow: graph } }),
      'an execution': (graph) => ({ id: 3, finished: true, workflowData: graph, data: { resultData: {} } }),
      'by name': (graph) => ({ workflows: { w1: graph, w2: { ...n8nOf(), name: 'Second' } } }),
    },
  ],
  [
    'react-flow',
    flowOf,
    {
      Langflow: (graph) => ({ name: 'Bot', data: graph }),
      'a collection of Langflow': (graph) => ({ flows: [{ id: 'u', name: 'Bot', data: graph }] }),
      'rows of Flowise': (graph) => [{ id: 'r', name: 'Bot', flowData: text(graph) }],
      'an export of Flowise': (graph) => ({
        ChatFlow: [],
        CustomTemplate: [{ id: 'r', flowData: text(graph) }],
      }),
      Dify: (graph) => ({ app: { mode: 'workflow' }, kind: 'app', workflow: { graph, features: {} } }),
      'a draft of Dify': (graph) => ({ id: 'd', graph, features: {}, hash: 'x' }),
      'elements of version 9': (graph) => {
        const { nodes, edges } = graph as { nodes: Json[]; edges: Json[] };
        return { elements: [...nodes, ...edges], position: [0, 0], zoom: 1 };
      },
      'a list of elements': (graph) => {
        const { nodes, edges } = graph as { nodes: Json[]; edges: Json[] };
        return [...edges, ...nodes];
      },
    },
  ],
  [
    'node-red',
    redOf,
    {
      'the API with a revision': (graph) => ({ rev: 'x', flows: graph }),
      'a snapshot': (graph) => ({ name: 's', flows: { flows: graph, credentials: {} }, settings: {} }),
      'snapshots of an API': (graph) => ({ snapshots: [{ id: 's1', flows: { flows: graph } }] }),
      'a flow of the library': (graph) => ({ flow: text(graph), summary: 'x' }),
      'a single flow': (graph) => {
        const [{ type: _, ...tab } = {}, ...nodes] = graph as Obj[];
        return { ...tab, nodes, configs: [], subflows: [] };
      },
    },
  ],
  [
    'comfyui',
    comfyOf,
    {
      'metadata of a picture': (graph) => ({
        workflow: text(graph),
        prompt: '{"1": {"class_type": "X", "inputs": {}}}',
      }),
      'what the editor queues': (graph) => ({
        ...{ prompt: { 1: { class_type: 'X', inputs: {} } }, client_id: 'c' },
        extra_data: { extra_pnginfo: { workflow: graph } },
      }),
      'the history': (graph) => ({
        '0b4e-77': {
          prompt: [
            4,
            '0b4e-77',
            ...([{ 1: { class_type: 'X', inputs: {} } }, { extra_pnginfo: { workflow: graph } }] as Json[]),
          ],
          outputs: {},
        },
      }),
    },
  ],
  [
    'grafana',
    dashboardOf,
    {
      'the API': (graph) => ({ dashboard: graph, meta: { slug: 'hosts' } }),
      'a resource': (graph) => ({ kind: 'Dashboard', metadata: { name: 'x' }, spec: graph }),
      'a list of resources': (graph) => ({ kind: 'List', items: [{ metadata: { name: 'x' }, spec: graph }] }),
      'a resource with text': (graph) => ({ kind: 'GrafanaDashboard', spec: { json: text(graph) } }),
      'a revision of the catalogue': (graph) => ({ id: 1860, revision: 3, json: graph }),
    },
  ],
];

describe.each(WRAPS)('%s', (dialect, make, wraps) => {
  it.each(Object.entries({ ...ANY, ...wraps }))('%s', (_, wrap) => {
    const before = wrap(make());
    expect(counts(before, wrap(make({ edited: true })))).toEqual([dialect, { nodes_changed: 1 }]);
    expect(counts(before, wrap(make({ moved: true })))).toEqual([dialect, { nodes_moved: 1 }]);
    const unwired = counts(before, wrap(make({ unwired: true })));
    expect(unwired).toEqual([dialect, dialect === 'grafana' ? {} : { edges_removed: 1 }]);
  });
});

// ---- nodes and links of other libraries

const PAIRS = ['A B', 'B C'];

function graphOf(library: string, { pairs = PAIRS, group = 1, weight = 1 } = {}): Json {
  const ids = ['A', 'B', 'C'];
  const ends = pairs.map((pair) => pair.split(' ') as [string, string]);
  const at = (id: string): number => ids.indexOf(id);
  switch (library) {
    case 'NetworkX':
      return {
        ...{ directed: true, multigraph: false, graph: {} },
        nodes: ids.map((id) => ({ id, group: id === 'A' ? group : 1 })),
        links: ends.map(([source, target]) => ({ source, target, weight })),
      };
    case 'D3 by place':
      return {
        nodes: ids.map((name) => ({ name, group: name === 'A' ? group : 1 })),
        links: ends.map(([source, target]) => ({ source: at(source), target: at(target), weight })),
      };
    case 'vis.js':
      return {
        nodes: ids.map((id) => ({ id: at(id), label: id, group: id === 'A' ? group : 1 })),
        edges: ends.map(([from, to]) => ({ from: at(from), to: at(to), weight })),
      };
    case 'Cytoscape':
      return {
        elements: {
          nodes: ids.map((id) => ({ data: { id, group: id === 'A' ? group : 1 }, position: { x: 1, y: 2 } })),
          edges: ends.map(([source, target]) => ({ data: { id: source + target, source, target, weight } })),
        },
      };
    case 'graphology':
      return {
        nodes: ids.map((key) => ({ key, attributes: { group: key === 'A' ? group : 1 } })),
        edges: ends.map(([source, target]) => ({
          key: source + target,
          source,
          target,
          attributes: { weight },
        })),
      };
    case 'JSON Graph Format':
      return {
        graph: {
          nodes: Object.fromEntries(ids.map((id) => [id, { label: id, group: id === 'A' ? group : 1 }])),
          edges: ends.map(([source, target]) => ({ source, target, weight })),
        },
      };
    default:
      return {
        nodes: ids.map((id) => ({
          ...{ id, type: 'text', text: `Note ${id}`, x: 0, y: 0, width: 90, height: 40 },
          group: id === 'A' ? group : 1,
        })),
        edges: ends.map(([fromNode, toNode]) => ({ id: fromNode + toNode, fromNode, toNode, weight })),
      };
  }
}

it.each(['NetworkX', 'D3 by place', 'vis.js', 'Cytoscape', 'graphology', 'JSON Graph Format', 'JSON Canvas'])(
  '%s is nodes and links, and no other dialect',
  (library) => {
    const before = graphOf(library);
    expect(counts(before, graphOf(library, { pairs: ['A B'] }))).toEqual(['node-link', { edges_removed: 1 }]);
    expect(counts(before, graphOf(library, { weight: 2 }))).toEqual(['node-link', { edges_changed: 2 }]);
    expect(counts(before, graphOf(library, { group: 2 }))).toEqual(['node-link', { nodes_changed: 1 }]);
    // Without edges it might be React Flow, too.
    expect(counts(before, graphOf(library, { pairs: [] }))).toEqual(['node-link', { edges_removed: 2 }]);
  },
);

// ---- single kinds

const sized = (more: Obj): Obj => ({
  nodes: [{ id: 'Group-aaBBc', type: 'group', position: { x: 0, y: 0 }, data: {}, ...more }],
  edges: [],
});
const measured = { width: 100, height: 50 };
const oldRows = (first: string, inFirst = true): Obj => ({
  ...{ title: 'd', schemaVersion: 14 },
  rows: [
    { title: first, panels: inFirst ? [{ id: 1, type: 'graph', title: 'cpu', span: 6 }] : [] },
    { title: 'Second', panels: inFirst ? [] : [{ id: 1, type: 'graph', title: 'cpu', span: 6 }] },
  ],
});
const groups = (...bounds: [string, number, number][]): Obj => ({
  ...comfyOf(),
  groups: bounds.map(([title, x, width]) => ({ title, bounding: [x, 0, width, 100], color: '#3f789e' })),
});
const subflow = (name: string, id = 'aa11bb22', x = 50): Json => [
  { id, type: 'subflow', name, in: [{ x, y: 30, wires: [] }], out: [] },
  { id: 'c1d2e3f4', type: `subflow:${id}`, z: 'f6f2187d.f17ca8', x: 100, y: 40, name: '', wires: [] },
];
const moduleOf = (name: string, x: number, func: string): Obj => ({
  ...{ id: 'aa11bb22', type: 'subflow', name, in: [{ x, y: 30, wires: [{ id: 'c1d2e3f4' }] }], out: [] },
  flow: [{ id: 'c1d2e3f4', type: 'function', z: 'aa11bb22', x: 200, y: 30, func, wires: [] }],
});
const numbered = (...titles: string[]): Json => ({
  ...{ title: 'd', schemaVersion: 39 },
  panels: titles.map((title, at) => panel(at + 1, title, at * 8)),
});
const dify = (width: number): Obj =>
  sized({
    type: 'custom',
    width,
    height: 200,
    data: { type: 'iteration', title: 'Each', width, height: 200 },
  });
const tool = (id: string): Obj => ({
  nodes: [
    {
      id: `chatOpenAI_${id}`,
      type: 'customNode',
      position: { x: 0, y: 0 },
      data: { name: 'chatOpenAI', inputs: {} },
    },
    {
      ...{ id: 'chain_0', type: 'customNode', position: { x: 9, y: 0 } },
      data: { name: 'chain', inputs: { model: `{{chatOpenAI_${id}.data.instance}}` } },
    },
  ],
  edges: [],
});

it.each<[what: string, from: Json, to: Json, expected: Counts]>([
  [
    'a style of one extent',
    sized({ style: { width: 90 } }),
    sized({ style: { width: 190 } }),
    { nodes_moved: 1 },
  ],
  [
    'a style in pixels',
    sized({ style: { width: '90px', height: 9 } }),
    sized({ style: { width: '99px', height: 9 } }),
    { nodes_moved: 1 },
  ],
  [
    'one extent of version 12',
    sized({ width: 100, measured }),
    sized({ width: 180, measured }),
    { nodes_moved: 1 },
  ],
  ['a first size', sized({ measured }), sized({ measured, width: 180, height: 60 }), { nodes_moved: 1 }],
  ['a size that Dify repeats in the data', dify(300), dify(400), { nodes_moved: 1 }],
  [
    'a measured size only',
    sized({ measured }),
    sized({ measured: { width: 180, height: 50 } }),
    { other_changed: 1 },
  ],
  [
    'a relative size',
    sized({ style: { width: '50%' } }),
    sized({ style: { width: '99%' } }),
    { nodes_changed: 1 },
  ],
  ['the name of an old row', oldRows('First'), oldRows('Renamed'), { nodes_changed: 1 }],
  ['a panel in another old row', oldRows('First'), oldRows('First', false), { nodes_moved: 1 }],
  [
    'the kind of a panel and its title',
    { ...dashboardOf(), panels: [panel(1, 'cpu', 0)] },
    { ...dashboardOf(), panels: [{ ...panel(1, 'cpu', 0), type: 'stat', title: 'Processor' }] },
    { nodes_changed: 1 },
  ],
  [
    'one panel in front and another one renamed',
    numbered('cpu', 'memory', 'disk'),
    {
      ...(numbered('new', 'cpu', 'memory', 'disk') as Obj),
      panels: [
        ...['new', 'cpu'].map((title, at) => panel(at + 1, title, at * 8)),
        { ...panel(3, 'memory', 16), title: 'RAM' },
        panel(4, 'disk', 24),
      ],
    },
    { nodes_added: 1, nodes_moved: 2, nodes_changed: 1 },
  ],
  [
    'a group that was renamed and resized',
    groups(['In', 0, 300], ['Out', 500, 300]),
    groups(['Input', 0, 340], ['Out', 500, 300]),
    { nodes_changed: 1 },
  ],
  [
    'another group',
    groups(['In', 0, 300], ['Out', 500, 300]),
    groups(['In', 0, 300], ['Elsewhere', 5_000, 80]),
    { nodes_added: 1, nodes_removed: 1 },
  ],
  [
    'a template with another name and id',
    subflow('Smooth'),
    subflow('Smoother', '99aa88bb'),
    { nodes_changed: 1 },
  ],
  ['the name of a module', moduleOf('Smooth', 50, 'a'), moduleOf('Smoother', 50, 'a'), { nodes_changed: 1 }],
  ['the input of a module', moduleOf('Smooth', 50, 'a'), moduleOf('Smooth', 90, 'a'), { nodes_moved: 1 }],
  ['a node in a module', moduleOf('Smooth', 50, 'a'), moduleOf('Smooth', 50, 'b'), { nodes_changed: 1 }],
  ['numbers counted again that contents name', tool('0'), tool('4'), {}],
])('%s', (_, from, to, expected) => {
  const [, found] = counts(from, to);
  expect(expected['other_changed'] === undefined ? { ...found, other_changed: 0 } : found).toEqual(
    expected['other_changed'] === undefined ? { ...expected, other_changed: 0 } : expected,
  );
});
