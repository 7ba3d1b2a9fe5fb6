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
