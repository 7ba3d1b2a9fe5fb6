import fc from 'fast-check';
import type { Json } from '../../src/diff/json';

/** A graph as all forms can hold it. Ids are names as well. */
export interface Abstract {
  nodes: { id: string; text: string; x: number }[];
  /** Source and target, each pair once; from an earlier node to a later one. */
  edges: [string, string][];
}

/** How a tool writes a graph. */
export interface Form {
  name: string;
  render: (graph: Abstract) => Json;
  /** Bringing back all that is missing gives the same bytes. */
  exact: boolean;
  /** Edges are in the nodes' own items. */
  edgesInNodes: boolean;
  /** False where the form has no edges. */
  hasEdges?: false;
  /** Places follow from the order of the file. */
  derivedPlace?: true;
}

const IDS = ['alpha-node-4f1c', 'beta-node-9d2e', 'gamma-node-77ab', 'delta-node-c0de', 'omega-node-51f3'];

/** Small graphs with contents that tell the nodes apart. */
export const ABSTRACT: fc.Arbitrary<Abstract> = fc
  .tuple(
    fc.subarray(IDS, { minLength: 1 }),
    fc.infiniteStream(fc.tuple(fc.boolean(), fc.constantFrom('é"\\', 'plain', '1e400'))),
  )
  .map(([ids, dice]) => {
    const roll = (): [boolean, string] => dice.next().value as [boolean, string];
    const nodes = ids.map((id, index) => ({ id, text: `${id} ${roll()[1]}`, x: index * 100 }));
    const pairs = ids.flatMap((source, at) =>
      ids.slice(at + 1).map((target): [string, string] => [source, target]),
    );
    return { nodes, edges: pairs.filter(() => roll()[0]) };
  });

type Node = Abstract['nodes'][number];

function reactFlow({ nodes, edges }: Abstract): Json {
  return {
    nodes: nodes.map(({ id, text, x }) => ({
      id,
      type: 'step',
      position: { x, y: 0 },
      data: { label: id, text },
    })),
    edges: edges.map(([source, target]) => ({ id: `${source}>${target}`, source, target, label: 'l' })),
    viewport: { x: 0, y: 0, zoom: 1 },
  };
}

function n8n({ nodes, edges }: Abstract): Json {
  const sources = nodes.filter(({ id }) => edges.some(([source]) => source === id));
  const targets = (id: string): Json[] =>
    edges.filter(([source]) => source === id).map(([, target]) => ({ node: target, type: 'main', index: 0 }));
  return {
    name: 'flow',
    nodes: nodes.map(({ id, text, x }) => ({
      parameters: { text },
      id: `id of ${id}`,
      name: id,
      type: 'n8n-nodes-base.set',
      typeVersion: 3,
      position: [x, 0],
    })),
    connections: Object.fromEntries(sources.map(({ id }) => [id, { main: [targets(id)] }])),
    settings: { executionOrder: 'v1' },
  };
}

function nodeRedNode({ id, text, x }: Node, edges: Abstract['edges']): Json {
  const wires = edges.filter(([source]) => source === id).map(([, target]) => target);
  return { id, type: 'change', z: 'tab-1111aaaa', name: id, text, x, y: 0, wires: [wires] };
}

function nodeRed({ nodes, edges }: Abstract): Json {
  return [
    { id: 'tab-1111aaaa', type: 'tab', label: 'Tab', disabled: false },
    ...nodes.map((node) => nodeRedNode(node, edges)),
  ];
}

function nodeLink({ nodes, edges }: Abstract): Json {
  return {
    directed: true,
    nodes: nodes.map(({ id, text, x }) => ({ id, label: id, text, x, y: 0 })),
    links: edges.map(([source, target]) => ({ source, target, weight: 1.5 })),
  };
}

/** The forms whose files can be edited node by node. */
export const FORMS: Form[] = [
  { name: 'React Flow', render: reactFlow, exact: true, edgesInNodes: false },
  {
    name: 'Langflow in an API answer',
    render: (graph) => ({ id: 'x', name: 'n', data: reactFlow(graph), is_component: false }),
    exact: true,
    edgesInNodes: false,
  },
  {
    name: 'Flowise, JSON in a string',
    render: (graph) => ({ id: 'x', flowData: JSON.stringify(reactFlow(graph)), deployed: false }),
    exact: true,
    edgesInNodes: false,
  },
  { name: 'n8n', render: n8n, exact: false, edgesInNodes: false },
  {
    name: 'several n8n workflows',
    render: (graph) => [
      { ...(n8n(graph) as object), id: 'w1', name: 'one' },
      {
        ...(n8n({ nodes: [{ id: 'other-node-eeee', text: 'other', x: 0 }], edges: [] }) as object),
        id: 'w2',
        name: 'two',
      },
    ],
    exact: false,
    edgesInNodes: false,
  },
  { name: 'Node-RED', render: nodeRed, exact: true, edgesInNodes: true },
  {
    name: 'one flow of Node-RED',
    render: ({ nodes, edges }) => ({
      id: 'tab-1111aaaa',
      label: 'Tab',
      nodes: nodes.map((node) => nodeRedNode(node, edges)),
      configs: [],
    }),
    exact: true,
    edgesInNodes: true,
  },
  { name: 'node-link', render: nodeLink, exact: true, edgesInNodes: false },
];

const ALL = [...IDS, 'fresh-node-zzzz', 'lonely-node-yyyy', 'zeta-node-later'];
const numberOf = (id: string): number => ALL.indexOf(id) + 1;

function panels({ nodes }: Abstract): Json[] {
  return nodes.map(({ id, text, x }) => ({
    id: numberOf(id),
    type: 'timeseries',
    title: id,
    gridPos: { x, y: 0, w: 6, h: 4 },
    targets: [{ expr: text }],
  }));
}

const rowPanel = (more: object): Json => ({
  id: 90,
  type: 'row',
  title: 'other row',
  gridPos: { x: 0, y: 0, w: 24, h: 1 },
  ...more,
});

function v2(graph: Abstract): Json {
  const elements = graph.nodes.map(({ id, text }) => [
    `panel-${numberOf(id)}`,
    {
      kind: 'Panel',
      spec: { id: numberOf(id), title: id, description: text, vizConfig: { kind: 'text', spec: {} } },
    },
  ]);
  const items = graph.nodes.map(({ id, x }) => ({
    kind: 'GridLayoutItem',
    spec: {
      x,
      y: 0,
      width: 6,
      height: 4,
      element: { kind: 'ElementReference', name: `panel-${numberOf(id)}` },
    },
  }));
  return {
    title: 'd',
    elements: Object.fromEntries(elements) as Json,
    layout: { kind: 'GridLayout', spec: { items } } as Json,
  };
}

function prompt({ nodes, edges }: Abstract): Json {
  const inputs = (id: string): Json =>
    Object.fromEntries(
      edges.filter(([, target]) => target === id).map(([source]) => [`from ${source}`, [source, 0]]),
    );
  return Object.fromEntries(
    nodes.map(({ id, text }) => [
      id,
      { class_type: `T ${id}`, inputs: { text, ...(inputs(id) as object) }, _meta: { title: id } },
    ]),
  );
}

/** Slots are the same whatever is connected. */
function comfyNode({ id, text, x }: Node, edges: Abstract['edges']): Json {
  const link = (source: string, target: string): number => numberOf(source) * 10 + numberOf(target);
  const links = edges.filter(([source]) => source === id).map((pair) => link(...pair));
  return {
    id: numberOf(id),
    type: `T ${id}`,
    title: id,
    pos: [x, 0],
    size: [100, 50],
    inputs: ALL.map((source) => ({
      name: `from ${source}`,
      type: 'X',
      link: edges.some((pair) => pair[0] === source && pair[1] === id) ? link(source, id) : null,
    })),
    outputs: [{ name: 'out', type: 'X', links }],
    widgets_values: [text],
  };
}

function comfy({ nodes, edges }: Abstract): { nodes: Json[]; ends: number[][] } {
  return {
    nodes: nodes.map((node) => comfyNode(node, edges)),
    ends: edges.map(([source, target]) => [
      numberOf(source) * 10 + numberOf(target),
      numberOf(source),
      0,
      numberOf(target),
      ALL.indexOf(source),
    ]),
  };
}

function comfyWorkflow(graph: Abstract): Json {
  const { nodes, ends } = comfy(graph);
  const links = ends.map((link) => [...link, 'X']);
  return {
    last_node_id: 99,
    last_link_id: 99,
    nodes,
    links,
    groups: [],
    config: {},
    extra: {},
    version: 0.4,
  };
}

function comfySubgraph(graph: Abstract): Json {
  const { nodes, ends } = comfy(graph);
  const links = ends.map(([id, origin_id, origin_slot, target_id, target_slot]) => ({
    ...{ id: id ?? 0, origin_id: origin_id ?? 0, origin_slot: origin_slot ?? 0 },
    ...{ target_id: target_id ?? 0, target_slot: target_slot ?? 0, type: 'X' },
  }));
  const port = (id: number): Json => ({ id, bounding: [0, 0, 10, 10] });
  const definition: Json = {
    ...{ id: 'a1b2c3d4-0000-4000-8000-000000000001', name: 'other subgraph', version: 1 },
    ...{ inputNode: port(-10), outputNode: port(-20), inputs: [], outputs: [], nodes, links, groups: [] },
  };
  const use = {
    id: 1,
    type: 'a1b2c3d4-0000-4000-8000-000000000001',
    title: 'other use',
    pos: [0, 0],
    size: [9, 9],
  };
  return {
    version: 1,
    state: { lastNodeId: 99 },
    nodes: [use],
    links: [],
    definitions: { subgraphs: [definition] },
  };
}

const NO_EDGES = { edgesInNodes: false, hasEdges: false } as const;

FORMS.push(
  {
    name: 'Grafana, panels',
    render: (graph) => ({ title: 'd', panels: panels(graph) }),
    exact: true,
    ...NO_EDGES,
  },
  {
    name: 'Grafana, an open row',
    render: (graph) => ({ title: 'd', panels: [rowPanel({ panels: [] }), ...panels(graph)] }),
    exact: true,
    ...NO_EDGES,
  },
  {
    name: 'Grafana, a folded row',
    render: (graph) => ({
      dashboard: { title: 'd', panels: [rowPanel({ collapsed: true, panels: panels(graph) })] },
    }),
    exact: true,
    ...NO_EDGES,
  },
  {
    name: 'Grafana, rows of old',
    render: (graph) => ({
      title: 'd',
      rows: [
        {
          title: 'other',
          panels: panels(graph).map((panel) => ({ ...(panel as object), gridPos: null, span: 4 })),
        },
      ],
    }),
    exact: true,
    derivedPlace: true,
    ...NO_EDGES,
  },
  { name: 'Grafana, schema v2', render: v2, exact: true, ...NO_EDGES },
  { name: 'ComfyUI, API form', render: prompt, exact: false, edgesInNodes: true },
  { name: 'ComfyUI, 0.4', render: comfyWorkflow, exact: false, edgesInNodes: true },
  { name: 'ComfyUI, in a subgraph', render: comfySubgraph, exact: false, edgesInNodes: true },
);
