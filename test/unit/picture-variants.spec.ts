import type { Json } from '../../src/diff/json';
import { difference, marksOf, picture, shapeOf, textsOf } from '../support/drawn';

type Obj = Record<string, Json>;

const flow = (nodes: Json[], edges: Json[] = []): Obj => ({ nodes, edges });
const step = (id: string, x: number, y: number, more: Obj = {}): Obj => ({
  id,
  type: 'step',
  position: { x, y },
  data: { label: `N ${id}` },
  ...more,
});
const comfyNode = (id: number, more: Obj = {}): Obj => ({
  id,
  type: 'Sampler',
  pos: [id * 300, 0],
  size: [200, 100],
  ...more,
});
const comfy = (nodes: Json[], more: Obj = {}): Obj => ({ nodes, links: [], version: 0.4, ...more });
const red = (id: string, z: string, x: number, wires: Json, more: Obj = {}): Obj => ({
  id,
  type: 'function',
  z,
  x,
  y: 100,
  wires,
  ...more,
});
const panel = (id: number, y: number, more: Obj = {}): Obj => ({
  id,
  type: 'stat',
  title: `P${id}`,
  gridPos: { x: 0, y, w: 12, h: 8 },
  ...more,
});

describe('frames are behind what they hold, and as large as that', () => {
  it.each<[string, Json, string[]]>([
    [
      'groups of JSON Canvas',
      flow(
        [
          { id: 'a', type: 'text', text: 'A', x: 0, y: 0, width: 200, height: 80 },
          { id: 'outer', type: 'group', label: 'G', x: -40, y: -60, width: 700, height: 300 },
          { id: 'b', type: 'text', text: 'B', x: 300, y: 0, width: 200, height: 80 },
        ],
        [{ id: 'e', fromNode: 'a', toNode: 'b' }],
      ),
      ['outer', 'a'],
    ],
    [
      'compound nodes of Cytoscape',
      {
        elements: flow(
          [
            { data: { id: 'a', parent: 'outer' }, position: { x: 0, y: 0 } },
            { data: { id: 'outer' } },
            { data: { id: 'b', parent: 'outer' }, position: { x: 300, y: 80 } },
          ],
          [{ data: { id: 'e', source: 'a', target: 'b' } }],
        ),
      },
      ['outer', 'a'],
    ],
    [
      'groups of Node-RED without a size, inner ones first in the file',
      [
        { id: 'inner', type: 'group', z: 't', g: 'outer' },
        { id: 'outer', type: 'group', z: 't' },
        { id: 't', type: 'tab' },
        red('a', 't', 300, [['b']], { g: 'inner' }),
        red('b', 't', 600, [], { g: 'inner' }),
      ],
      ['outer', 'inner', 'a'],
    ],
    [
      'parents whose file says one extent, after their children',
      flow(
        [
          step('a', 30, 60, { parentId: 'outer' }),
          step('b', 60, 300, { parentId: 'outer' }),
          step('outer', 0, 0, { style: { width: 400 } }),
        ],
        [{ source: 'a', target: 'b' }],
      ),
      ['outer', 'b'],
    ],
  ])('%s', (_, config, ids) => {
    for (const svg of [picture(config), difference({}, config)]) {
      const shapes = ids.map((id) => shapeOf(svg, id));
      expect(shapes.map(({ at }) => at)).toEqual(shapes.map(({ at }) => at).sort((a, b) => a - b));
      for (const [index, inner] of shapes.slice(1).entries()) {
        const outer = shapes[index]!;
        expect(outer.x).toBeLessThan(inner.x);
        expect(outer.y).toBeLessThan(inner.y);
        expect(outer.y + outer.height).toBeGreaterThan(inner.y + inner.height);
      }
      expect(svg.indexOf('<path class="e ')).toBeGreaterThan(shapes[0]!.at);
      expect(svg).not.toContain('places not from the file');
    }
  });
});

it('draws the inputs and outputs of a subgraph that its links name alone', () => {
  const inner: Obj = {
    id: 'cafe',
    name: 'Sub',
    inputs: [{ name: 'image' }, { name: 'x', label: 'factor' }],
    outputs: [{ name: 'IMAGE' }],
    nodes: [comfyNode(1)],
    links: [
      { id: 1, origin_id: -10, origin_slot: 0, target_id: 1, target_slot: 0 },
      [2, 1, 0, -20, 0, 'IMAGE'],
    ],
  };
  const config = comfy([comfyNode(7)], { definitions: { subgraphs: [inner] } });
  for (const svg of [picture(config), difference(config, config), difference({}, config)])
    expect(svg).not.toContain('do not exist');
  const svg = picture(config);
  expect(textsOf(svg)).toContain('image, factor');
  const [first, node, last] = ['cafe/-10', 'cafe/1', 'cafe/-20'].map((id) => shapeOf(svg, id));
  expect(first!.x + first!.width).toBeLessThan(node!.x);
  expect(node!.x + node!.width).toBeLessThan(last!.x);
});

describe('the state of what is drawn', () => {
  it('collapsed and bypassed at once is both', () => {
    const svg = picture(
      comfy([comfyNode(1, { mode: 4, flags: { collapsed: true } }), comfyNode(2, { mode: 2 })]),
    );
    expect(shapeOf(svg, '1')).toMatchObject({ classes: 'n plain bypassed collapsed', height: 26 });
    expect(shapeOf(svg, '2').classes).toBe('n plain muted');
  });

  it('collapsed in Langflow is a title, disabled tabs and collapsed rows say so', () => {
    const svg = picture(
      flow([step('a', 0, 0, { width: 300, height: 400, data: { showNode: false, label: 'A' } })]),
    );
    expect(shapeOf(svg, 'a').height).toBe(26);
    const tab = { id: 't', type: 'tab', label: 'Old', disabled: true };
    expect(picture([tab, red('a', 't', 100, [])])).toMatch(/>Old<tspan[^>]*>disabled</);
    const row = { ...panel(9, 0), type: 'row', collapsed: true, panels: [panel(1, 1)] };
    expect(picture({ title: 'd', panels: [row] })).toMatch(/>P9<tspan[^>]*>collapsed</);
  });
});

describe('texts for people', () => {
  const markdown = '## Read\n**first** the `manual` [here](https://x.test)';

  it.each<[string, Json]>([
    [
      'a ComfyUI note with named widgets',
      comfy([comfyNode(1, { type: 'Note', widgets_values: { text: markdown } })]),
    ],
    ['a text panel', { title: 'd', panels: [panel(1, 0, { type: 'text', options: { content: markdown } })] }],
    [
      'a text node of JSON Canvas',
      flow([{ id: 'a', type: 'text', text: markdown, x: 0, y: 0, width: 300, height: 90 }]),
    ],
    [
      'a React Flow annotation',
      flow([
        step('a', 0, 0, {
          type: 'annotation',
          data: { text: markdown },
          measured: { width: 300, height: 90 },
        }),
      ]),
    ],
  ])('%s stands there without the marks of Markdown', (_, config) => {
    expect(textsOf(picture(config))).toMatch(/^Read\nfirst the manual here$/m);
  });

  it('the info of a Node-RED comment stands below its name', () => {
    const svg = picture([
      red('c', 't', 200, [], { type: 'comment', name: 'Careful', info: '**Once** only' }),
    ]);
    expect(textsOf(svg)).toContain('Careful\nOnce only');
  });
});

describe('edges of a tab below another one', () => {
  it('keep off its label, loops and edges that go back', () => {
    const svg = picture([
      { id: 't', type: 'tab' },
      red('a', 't', 100, [['b']]),
      red('b', 't', 400, [['a', 'b']]),
      { id: 'u', type: 'tab', label: 'Second' },
      red('c', 'u', 100, [['c', 'd']]),
      red('d', 'u', 400, [['c']]),
    ]);
    const label = Number(/y="(\d+)">Second/.exec(svg)?.[1]);
    for (const [, , d = ''] of svg.matchAll(/class="e (plain)" d="([^"]*)"/g)) {
      const heights = [...d.matchAll(/-?\d+ (-?\d+)/g)].map(([, y]) => Number(y));
      const isAbove = Math.max(...heights) < label - 10;
      expect(isAbove || Math.min(...heights) > label + 4).toBe(true);
    }
  });
});

it.each([
  ['back', '3', '1'],
  ['forward', '1', '3'],
])('draws an edge that runs %s in a column around the boxes between', (_, source, target) => {
  const column = ['1', '2', '3'].map((id, index) => step(id, 0, index * 120));
  const svg = picture(flow(column, [{ source, target }]));
  const between = shapeOf(svg, '2');
  const [, d = ''] = /class="e plain" d="([^"]*)"/.exec(svg) ?? [];
  const [, x] = /L(-?\d+) /.exec(d) ?? [];
  expect(Number(x)).toBeGreaterThan(between.x + between.width);
  expect(Number(x)).toBeLessThan(Number(/width="(\d+)"/.exec(svg)?.[1]));
});

it('never draws marks on each other, however many edges two nodes have', () => {
  const edges = Array.from({ length: 120 }, (_, index) => ({
    source: 'a',
    target: 'b',
    sourceHandle: `h${index}`,
  }));
  const nodes = [step('a', 0, 0), step('b', 200, 0)];
  const svg = difference(flow(nodes), flow(nodes, edges));
  const marks = marksOf(svg);
  expect(marks).toHaveLength(120);
  const height = Number(/height="(\d+)"/.exec(svg)?.[1]);
  for (const [index, a] of marks.entries()) {
    expect(a.y).toBeLessThan(height);
    for (const b of marks.slice(index + 1))
      expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThanOrEqual(16);
  }
});

it('draws a row of a grid of schema v2 between the panels above and below it', () => {
  const item = (name: string, y: number): Obj => ({
    kind: 'GridLayoutItem',
    spec: { x: 0, y, width: 12, height: 8, element: { kind: 'ElementReference', name } },
  });
  const element = (id: number): Obj => ({
    kind: 'Panel',
    spec: { id, title: `P${id}`, vizConfig: { kind: 'stat', spec: {} } },
  });
  const row: Obj = {
    kind: 'GridLayoutRow',
    spec: { y: 8, title: 'Middle', collapsed: false, elements: [item('p2', 0)] },
  };
  const svg = picture({
    elements: { p1: element(1), p2: element(2), p3: element(3) },
    layout: { kind: 'GridLayout', spec: { items: [item('p1', 0), row, item('p3', 17)] } },
  });
  const heights = [1, 2, 3].map((id) => shapeOf(svg, `p${id}`).y);
  const label = Number(/y="(\d+)">Middle/.exec(svg)?.[1]);
  expect([heights[0], label, heights[1], heights[2]]).toEqual([...heights, label].sort((a, b) => a - b));
});

describe('a difference', () => {
  it('names removed nodes and their edges as the file does', () => {
    const [a, b] = [step('a', 0, 0), step('b', 300, 0)];
    const svg = difference(flow([a, b], [{ source: 'a', target: 'b' }]), flow([a]));
    expect(svg).toContain('data-node="b" data-change="removed"');
    expect(svg).toContain('data-edge="a &gt; b" data-change="removed"');
  });

  it('says what changed outside nodes where there are none', () => {
    expect(difference({ ...flow([]), settings: 1 }, { ...flow([]), settings: 2 })).toContain(
      'other changes: /settings',
    );
  });

  const many = Array.from({ length: 100 }, (_, index) => index);

  it.each<[string, (text: string) => Json, string]>([
    [
      'a long dashboard',
      (text) => ({
        title: 'd',
        panels: many.map((id) => panel(id, id * 8, id === 99 ? { title: text } : {})),
      }),
      '99',
    ],
    [
      'a group round everything',
      (text) =>
        comfy(
          many.map((id) => comfyNode(id, id === 99 ? { title: text } : {})),
          { groups: [{ id: 1, title: 'All', bounding: [-50, -80, 40_000, 300] }] },
        ),
      '99',
    ],
    [
      'a graph without places',
      (text) =>
        Object.fromEntries(
          many.map((id) => [
            `${id}`,
            {
              class_type: 'Step',
              inputs: { text: id === 99 ? text : '', ...(id > 0 && { in: [`${id - 1}`, 0] }) },
            },
          ]),
        ),
      '99',
    ],
    [
      'a subgraph below a large graph',
      (text) =>
        comfy(
          many.map((id) => comfyNode(id)),
          {
            definitions: {
              subgraphs: [{ id: 'cafe', name: 'S', nodes: [comfyNode(1, { title: text })], links: [] }],
            },
          },
        ),
      'cafe/1',
    ],
  ])('of %s begins where the change is', (_, config, id) => {
    const svg = difference(config('old'), config('new'));
    const { x, y, classes } = shapeOf(svg, id);
    expect(classes).toBe('n changed');
    expect(Math.max(x, y)).toBeLessThan(1_200);
    expect(Number(/width="(\d+)"/.exec(svg)?.[1])).toBeLessThan(2_000);
  });
});
