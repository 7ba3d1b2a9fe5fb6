/* Documents as their tools save them, small, and functions that change them as a person does in an editor. */

/** A step of a flow, in words that every dialect can spell. */
export interface Step {
  name: string;
  type: string;
  /** What the step is set to. */
  settings: Record<string, unknown>;
  x: number;
  y: number;
}

/** A flow without a dialect: steps, and wires by their numbers. */
export interface Flow {
  steps: Step[];
  wires: Array<[from: number, to: number]>;
}

type Spelling = (flow: Flow) => unknown;

const idOf = (index: number, step: Step) =>
  `${step.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${(index * 7919 + 4096).toString(16)}`;

const n8n: Spelling = ({ steps, wires }) => ({
  name: steps[0]?.name ?? 'Workflow',
  nodes: steps.map((step, index) => ({
    parameters: step.settings,
    id: idOf(index, step),
    name: step.name,
    type: `n8n-nodes-base.${step.type}`,
    typeVersion: 1,
    position: [step.x, step.y],
  })),
  connections: Object.fromEntries(
    steps.map((step, index) => [
      step.name,
      {
        main: [
          wires
            .filter(([from]) => from === index)
            .map(([, to]) => ({ node: steps[to]!.name, type: 'main', index: 0 })),
        ],
      },
    ]),
  ),
  settings: { executionOrder: 'v1' },
});

const nodeRed: Spelling = ({ steps, wires }) => [
  { id: 'tab-1', type: 'tab', label: 'Flow 1', disabled: false, info: '' },
  ...steps.map((step, index) => ({
    id: idOf(index, step),
    type: step.type,
    z: 'tab-1',
    name: step.name,
    ...step.settings,
    x: step.x,
    y: step.y,
    wires: [wires.filter(([from]) => from === index).map(([, to]) => idOf(to, steps[to]!))],
  })),
];

const reactFlow: Spelling = ({ steps, wires }) => ({
  nodes: steps.map((step, index) => ({
    id: idOf(index, step),
    type: step.type,
    position: { x: step.x, y: step.y },
    data: { label: step.name, ...step.settings },
  })),
  edges: wires.map(([from, to]) => ({
    id: `${idOf(from, steps[from]!)}->${idOf(to, steps[to]!)}`,
    source: idOf(from, steps[from]!),
    target: idOf(to, steps[to]!),
  })),
  viewport: { x: 0, y: 0, zoom: 1 },
});

const comfyui: Spelling = ({ steps, wires }) => ({
  last_node_id: steps.length,
  last_link_id: wires.length,
  nodes: steps.map((step, index) => ({
    id: index + 1,
    type: step.type,
    title: step.name,
    pos: [step.x, step.y],
    size: [220, 90],
    mode: 0,
    inputs: wires.flatMap(([, to], link) =>
      to === index ? [{ name: 'input', type: '*', link: link + 1 }] : [],
    ),
    outputs: [
      {
        name: 'output',
        type: '*',
        links: wires.flatMap(([from], link) => (from === index ? [link + 1] : [])),
      },
    ],
    widgets_values: Object.values(step.settings),
  })),
  links: wires.map(([from, to], link) => [link + 1, from + 1, 0, to + 1, 0, '*']),
  groups: [],
  version: 0.4,
});

const grafana: Spelling = ({ steps }) => ({
  title: 'Dashboard',
  schemaVersion: 39,
  panels: steps.map((step, index) => ({
    id: index + 1,
    title: step.name,
    type: step.type,
    gridPos: { x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 },
    targets: [{ refId: 'A', ...step.settings }],
  })),
  time: { from: 'now-6h', to: 'now' },
});

export const SPELLINGS = { n8n, nodeRed, reactFlow, comfyui, grafana };

/** A change that a person makes; `turn` chooses what it falls on. */
type Change = (flow: Flow, turn: number) => Flow;

const at = <T>(list: readonly T[], turn: number): number => turn % Math.max(1, list.length);
const withStep = (flow: Flow, index: number, change: (step: Step) => Step): Flow => ({
  ...flow,
  steps: flow.steps.map((step, other) => (other === index ? change(step) : step)),
});

const move: Change = (flow, turn) =>
  withStep(flow, at(flow.steps, turn), (step) => ({
    ...step,
    x: step.x + 40,
    y: step.y + 20 * ((turn % 3) - 1),
  }));

const set: Change = (flow, turn) =>
  withStep(flow, at(flow.steps, turn + 1), (step) => {
    const [name = 'note', value] = Object.entries(step.settings)[0] ?? [];
    const next =
      typeof value === 'number'
        ? value + 5
        : `${(typeof value === 'string' ? value : '').replace(/ \(r\d+\)$/, '')} (r${turn})`;
    return { ...step, settings: { ...step.settings, [name]: next } };
  });

const insert: Change = (flow, turn) => {
  const from = at(flow.steps, turn);
  const source = flow.steps[from]!;
  const step = {
    ...EXTRAS[turn % EXTRAS.length]!,
    x: source.x + 60 * (turn % 5),
    y: source.y + 130 + 70 * (turn % 2),
  };
  const name = `${step.name} ${flow.steps.length}`;
  return {
    steps: [...flow.steps, { ...step, type: source.type, name }],
    wires: [...flow.wires, [from, flow.steps.length]],
  };
};

const unwire: Change = (flow, turn) => ({
  ...flow,
  wires: flow.wires.filter((_, index) => index !== at(flow.wires, turn)),
});

const EXTRAS: readonly Step[] = [
  { name: 'Log', type: '', settings: { level: 'info' }, x: 0, y: 0 },
  { name: 'Notify the team', type: '', settings: { channel: '#operations' }, x: 0, y: 0 },
  { name: 'Keep a copy', type: '', settings: { folder: '/archive' }, x: 0, y: 0 },
];

const CHANGES: readonly Change[] = [set, move, insert, set, move, set, set, set, set, move, set, unwire, set];

/** A flow after so many changes, the same for the same number. */
export function changed(flow: Flow, changes: number): Flow {
  let next = flow;
  for (let turn = 1; turn <= changes; turn += 1) next = CHANGES[turn % CHANGES.length]!(next, turn * 3 + 1);
  return next;
}
