import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Json } from '../../src/diff/json';
import { difference, marksOf, picture, shapeOf, type DrawnShape as Shape } from '../support/drawn';

const SAMPLES = join(__dirname, '../samples/graphs');

type Obj = Record<string, Json>;

const box = (id: string, x: number, y = 0, more: Obj = {}): Obj => ({
  id,
  type: 'step',
  position: { x, y },
  data: { label: `N ${id}` },
  ...more,
});
const parent = (x = 0): Obj =>
  box('g', x, 0, { type: 'group', width: 700, height: 300, style: { width: 700, height: 300 } });
const nested = (x: number): Obj => ({
  nodes: [parent(x), box('1', 30, 100, { parentId: 'g' }), box('2', 250, 100, { parentId: 'g' })],
  edges: [{ source: '1', target: '2' }],
});
const comfy = (...nodes: Obj[]): Obj => ({ nodes, links: [], version: 0.4 });
const comfyNode = (id: number, more: Obj = {}): Obj => ({
  id,
  type: 'Sampler',
  pos: [id * 300, 0],
  size: [200, 100],
  ...more,
});

describe('which shape covers which', () => {
  it('draws a parent behind its children and the edges between them', () => {
    const svg = picture(nested(0));
    const edge = svg.indexOf('class="e plain"');
    expect(shapeOf(svg, 'g').at).toBeLessThan(edge);
    expect(edge).toBeLessThan(shapeOf(svg, '1').at);
  });

  it('shows a moved parent as its frame, behind its children', () => {
    const svg = difference(nested(0), nested(120));
    expect(shapeOf(svg, 'g').classes).toBe('f moved');
    expect(shapeOf(svg, 'g').at).toBeLessThan(shapeOf(svg, '1').at);
  });

  it('draws outer parents behind inner ones, whatever their sizes', () => {
    const inner = box('inner', 10, 10, { type: 'group', parentId: 'g', style: { width: 900, height: 900 } });
    const svg = picture({ nodes: [box('a', 1, 1, { parentId: 'inner' }), inner, parent()], edges: [] });
    expect(shapeOf(svg, 'g').at).toBeLessThan(shapeOf(svg, 'inner').at);
  });

  it('draws notes behind nodes', () => {
    const note = {
      id: 'note',
      type: 'noteNode',
      position: { x: 0, y: 0 },
      measured: { width: 300, height: 200 },
      data: { node: { description: 'Set the key here' } },
    };
    const svg = picture({ nodes: [box('1', 10, 10), note], edges: [] });
    expect(shapeOf(svg, 'note').at).toBeLessThan(shapeOf(svg, '1').at);
  });
});

describe('notes', () => {
  it.each<[string, Json]>([
    [
      'n8n',
      {
        nodes: [
          {
            id: 's',
            name: 'Sticky',
            type: 'n8n-nodes-base.stickyNote',
            position: [0, 0],
            parameters: { content: '# Read\nthe manual first', width: 300, height: 200 },
          },
        ],
        connections: {},
      },
    ],
    [
      'ComfyUI',
      comfy({
        id: 1,
        type: 'MarkdownNote',
        pos: [0, 0],
        size: [300, 160],
        widgets_values: ['# Read\nthe manual first'],
      }),
    ],
    [
      'Flowise',
      {
        nodes: [
          {
            id: 's',
            type: 'stickyNote',
            position: { x: 0, y: 0 },
            width: 300,
            height: 120,
            data: { inputs: { note: 'the manual first' } },
          },
        ],
        edges: [],
      },
    ],
    [
      'Langflow',
      {
        nodes: [
          {
            id: 's',
            type: 'noteNode',
            position: { x: 0, y: 0 },
            measured: { width: 300, height: 120 },
            data: { node: { description: 'the manual first' } },
          },
        ],
        edges: [],
      },
    ],
  ])('of %s stand there with their text', (_, config) => {
    expect(picture(config).replace(/<title>[^<]*/g, '')).toContain('>the manual first<');
  });
});

describe('the state of nodes', () => {
  it('collapsed is a title bar, bypassed, muted and disabled look different', () => {
    const svg = picture(
      comfy(
        comfyNode(1, { flags: { collapsed: true } }),
        comfyNode(2, { mode: 4 }),
        comfyNode(3, { mode: 2 }),
        comfyNode(4),
      ),
    );
    expect(shapeOf(svg, '1').height).toBeLessThan(30);
    expect(['1', '2', '3', '4'].map((id) => shapeOf(svg, id).classes)).toEqual([
      'n plain collapsed',
      'n plain bypassed',
      'n plain muted',
      'n plain',
    ]);
  });

  it('disabled is seen in n8n and Node-RED', () => {
    expect(
      picture({
        nodes: [{ id: 'a', name: 'A', type: 'x.y', position: [0, 0], disabled: true }],
        connections: {},
      }),
    ).toContain('class="n plain disabled"');
    expect(picture([{ id: 'a', type: 'debug', z: 't', d: true, x: 1, y: 1, wires: [] }])).toContain(
      'class="n plain disabled"',
    );
  });

  it('a group without a size is drawn round its members', () => {
    const svg = picture([
      { id: 't', type: 'tab' },
      { id: 'g1', type: 'group', z: 't', name: 'G' },
      { id: 'a', type: 'debug', z: 't', g: 'g1', x: 100, y: 100, wires: [] },
      { id: 'b', type: 'debug', z: 't', g: 'g1', x: 400, y: 200, wires: [] },
    ]);
    const [frame, first, last] = ['g1', 'a', 'b'].map((id) => shapeOf(svg, id)) as [Shape, Shape, Shape];
    expect(frame.x).toBeLessThan(first.x);
    expect(frame.x + frame.width).toBeGreaterThan(last.x + last.width);
    expect(frame.y + frame.height).toBeGreaterThan(last.y + last.height);
  });
});

describe('edges', () => {
  it('that go back run below the boxes and inside the page', () => {
    const svg = picture({
      nodes: [box('1', 0), box('2', 220), box('3', 440)],
      edges: [
        { source: '1', target: '2' },
        { source: '2', target: '3' },
        { source: '3', target: '1' },
      ],
    });
    const [, shift = '0'] = /<g transform="translate\((\d+) 0\)">/.exec(svg) ?? [];
    const path =
      [...svg.matchAll(/class="e plain" d="([^"]*)"/g)].map(([, d = '']) => d).find((d) => d.includes('L')) ??
      '';
    const points = [...path.matchAll(/(-?\d+) (-?\d+)/g)].map(([, x, y]) => ({
      x: Number(x) + Number(shift),
      y: Number(y),
    }));
    const bottom = Math.max(...['1', '2', '3'].map((id) => shapeOf(svg, id).y + shapeOf(svg, id).height));
    expect(Math.max(...points.map(({ y }) => y))).toBeGreaterThan(bottom);
    expect(Math.min(...points.map(({ x }) => x))).toBeGreaterThanOrEqual(0);
  });

  it('that run forward go around the boxes between their ends', () => {
    const svg = picture({
      nodes: [box('1', 0), box('2', 220, -10), box('3', 440, 10), box('4', 660)],
      edges: [{ source: '1', target: '4' }],
    });
    const shapes = ['2', '3'].map((id) => shapeOf(svg, id));
    const path = /class="e plain" d="M(-?\d+) (-?\d+)C.* (-?\d+)L-?\d+ (-?\d+)C/.exec(svg) ?? [];
    const [height = NaN, end] = path.slice(3).map(Number);
    expect(end).toBe(height);
    for (const { y, height: tall } of shapes) expect(height < y || height > y + tall).toBe(true);
  });

  it('keep their usual curve where nothing is in the way', () => {
    const svg = picture({
      nodes: [box('1', 0), box('2', 220, 200), box('4', 440)],
      edges: [{ source: '1', target: '4' }],
    });
    expect(/class="e plain" d="([^"]*)"/.exec(svg)?.[1]).toMatch(/^M[-\d ]+C[-\d ]+$/);
  });

  it('from named ports do not cross: ports are in the order of what they lead to', () => {
    const at = (id: string, x: number, y: number) => ({ id, position: { x, y }, data: { label: id } });
    const ends = (first: string, second: string) => {
      const svg = picture({
        nodes: [at('from', 0, 60), at('upper', 300, 0), at('lower', 300, 120)],
        edges: [
          { source: 'from', sourceHandle: first, target: 'upper' },
          { source: 'from', sourceHandle: second, target: 'lower' },
        ],
      });
      return [...svg.matchAll(/class="e plain" d="M-?\d+ (-?\d+)C[^"]* (-?\d+)"/g)]
        .map(([, start, end]) => [Number(end), Number(start)] as const)
        .sort(([a], [b]) => a - b)
        .map(([, start]) => start);
    };
    for (const names of [
      ['yes', 'no'],
      ['no', 'yes'],
    ] as const) {
      const [toUpper = 0, toLower = 0] = ends(names[0], names[1]);
      expect(toUpper).toBeLessThan(toLower);
    }
    // Numbered ports stay in their order, as the editor draws them.
    const [toUpper = 0, toLower = 0] = ends('main 1', 'main 0');
    expect(toUpper).toBeGreaterThan(toLower);
  });

  it('through reroutes run through their points', () => {
    const svg = picture({
      nodes: [comfyNode(1, { outputs: [{ name: 'o' }] }), comfyNode(4, { inputs: [{ name: 'i' }] })],
      links: [{ id: 1, origin_id: 1, origin_slot: 0, target_id: 4, target_slot: 0, parentId: 7 }],
      reroutes: [{ id: 7, pos: [800, 300], linkIds: [1] }],
      version: 1,
    });
    const { x, y, width } = shapeOf(svg, 'reroute 7');
    expect(svg).toContain(`L${x + width / 2} ${y + width / 2}L`);
  });

  it('of a subgraph come from its inputs, without a warning', () => {
    const inner = {
      id: 'cafe0000-1',
      name: 'Sub',
      inputNode: { id: -10, bounding: [-200, 0, 120, 60] },
      outputNode: { id: -20, bounding: [500, 0, 120, 60] },
      inputs: [{ name: 'image' }],
      outputs: [],
      nodes: [{ id: 1, type: 'Scale', pos: [0, 0] }],
      links: [{ id: 1, origin_id: -10, origin_slot: 0, target_id: 1, target_slot: 0 }],
    };
    const svg = picture({
      nodes: [comfyNode(1)],
      links: [],
      definitions: { subgraphs: [inner] },
      version: 1,
    });
    expect(svg).toContain('>Inputs<');
    expect(svg).not.toContain('do not exist');
    expect(picture({ nodes: [box('1', 0)], edges: [{ source: '1', target: 'gone' }] })).toContain(
      '1 edge leads to nodes that do not exist',
    );
  });
});

describe('marks', () => {
  it('of a wire that went from one output to another can both be seen', () => {
    const flow = (wires: Json): Json => [
      { id: 's', type: 'switch', z: 't', x: 150, y: 100, wires },
      { id: 'd', type: 'debug', z: 't', x: 400, y: 100, wires: [] },
    ];
    const [one, two, ...more] = marksOf(difference(flow([['d'], []]), flow([[], ['d']])));
    expect(more).toEqual([]);
    expect(Math.hypot(one!.x - two!.x, one!.y - two!.y)).toBeGreaterThanOrEqual(16);
  });

  it('never lie on each other', () => {
    const nodes = Array.from({ length: 8 }, (_, index) =>
      box(String(index), (index % 4) * 60, Math.floor(index / 4) * 20),
    );
    const edges = nodes.flatMap(({ id: source }) =>
      nodes.map(({ id: target }) => ({ source, target }) as Obj),
    );
    const marks = marksOf(difference({}, { nodes, edges: edges.slice(0, 30) }));
    expect(marks.length).toBeGreaterThan(30);
    for (const [index, a] of marks.entries()) {
      for (const b of marks.slice(index + 1))
        expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThanOrEqual(16);
    }
  });
});

describe('a difference', () => {
  const tabs = (text: string): Json => [
    { id: 't1', type: 'tab', label: 'Quiet' },
    { id: 'a', type: 'debug', z: 't1', x: 100, y: 100, wires: [] },
    { id: 't2', type: 'tab', label: 'Busy' },
    { id: 'b', type: 'debug', z: 't2', x: 100, y: 100, wires: [], text },
  ];

  it('shows tabs without a change as one line, after those with one', () => {
    const svg = difference(tabs('one'), tabs('two'));
    expect(svg).toContain('1 node, unchanged');
    expect(svg).not.toContain('data-node="a"');
    expect(svg.indexOf('>Busy')).toBeLessThan(svg.indexOf('>Quiet'));
  });

  it('has a line for what changed outside nodes and edges', () => {
    const flow = (more: Obj): Obj => ({ nodes: [box('1', 0)], edges: [], ...more });
    expect(difference(flow({ settings: 1 }), flow({ settings: 2 }))).toContain('other changes: /settings');
    expect(difference(flow({}), flow({}))).not.toContain('other changes');
  });

  it('marks edges whose content changed', () => {
    const flow = (label: string): Obj => ({
      nodes: [box('1', 0), box('2', 300)],
      edges: [{ source: '1', target: '2', label }],
    });
    const svg = difference(flow('yes'), flow('no'));
    expect(svg).toContain('data-edge="1 &gt; 2" data-change="changed"');
    expect(svg).toContain('edges: +0 −0 ~1');
  });

  it('of a large graph begins where the change is', () => {
    const large = (label: string): Obj => ({
      nodes: Array.from({ length: 400 }, (_, index) =>
        box(
          String(index),
          (index % 20) * 600,
          Math.floor(index / 20) * 400,
          index === 399 ? { data: { label } } : {},
        ),
      ),
      edges: [],
    });
    const svg = difference(large('old'), large('new'));
    expect(svg).toContain('unchanged nodes further away are not drawn');
    expect(svg).toContain('399 unchanged');
    const { x, y } = shapeOf(svg, '399');
    expect(Math.max(x, y)).toBeLessThan(1_200);
  });

  it('names each shape, so that a page can select it', () => {
    const svg = difference({ nodes: [], edges: [] }, nested(0));
    expect(svg).toContain('data-node="g" data-change="added"');
    expect(svg).toContain('data-edge="1 &gt; 2" data-change="added"');
  });
});

it('draws the folded rows of a dashboard between the panels above and below them', () => {
  const panel = (id: number, y: number): Obj => ({
    id,
    type: 'stat',
    title: `P${id}`,
    gridPos: { x: 0, y, w: 12, h: 8 },
  });
  const row = {
    id: 9,
    type: 'row',
    title: 'Folded',
    collapsed: true,
    gridPos: { x: 0, y: 8, w: 24, h: 1 },
    panels: [panel(2, 9)],
  };
  const svg = picture({ title: 'd', panels: [panel(1, 0), row, panel(3, 9)] });
  const label = Number(/<text class="s p" x="0" y="(\d+)">Folded/.exec(svg)?.[1]);
  expect(shapeOf(svg, '1').y).toBeLessThan(label);
  expect(label).toBeLessThan(shapeOf(svg, '2').y);
  expect(shapeOf(svg, '2').y).toBeLessThan(shapeOf(svg, '3').y);
});

it('names a library panel after its library panel', () => {
  const panel = {
    id: 1,
    gridPos: { x: 0, y: 0, w: 12, h: 8 },
    libraryPanel: { uid: 'u', name: 'CPU by host' },
  };
  expect(picture({ title: 'd', schemaVersion: 39, panels: [panel] })).toContain('>CPU by host<');
});

describe('hostile numbers', () => {
  const NUMBERS = [1e308, -1e308, 1e-308, -0, 0, -5, 1e9, 2 ** 53, 99_999_999];
  const shapes = /\s(?:x|y|cx|cy|width|height|d)="([^"]*)"/g;

  function expectPlain(svg: string): void {
    // One question for all values: there are tens of thousands of them.
    const values = [...svg.matchAll(shapes)].map(([, value = '']) => value);
    expect(values.filter((value) => !/^[-\d MLCHz]*$/.test(value))).toEqual([]);
    expect(Number(/width="(\d+)"/.exec(svg)?.[1])).toBeLessThan(60_000);
    expect(Number(/height="(\d+)"/.exec(svg)?.[1])).toBeLessThan(200_000);
  }

  it('in the size of a node', () => {
    expectPlain(picture({ nodes: [{ id: 1, size: [1e308, 98] }, { id: 6 }], links: [[8, 1, 2, 6]] }));
  });

  it.each(readdirSync(SAMPLES))('anywhere in %s', (file) => {
    const config = JSON.parse(readFileSync(join(SAMPLES, file), 'utf8')) as Json;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(60), fc.constantFrom(...NUMBERS)), { maxLength: 20 }),
        (faults) => {
          const due = faults.map(([gap, value]) => ({ gap, value }));
          const spoilt = mapNumbers(config, (value) => {
            const [fault] = due;
            return fault === undefined || fault.gap-- > 0 ? value : (due.shift()?.value ?? value);
          });
          for (const svg of [picture(spoilt), difference(config, spoilt), difference(spoilt, config)])
            expectPlain(svg);
        },
      ),
      { numRuns: 40 },
    );
  });
});

function mapNumbers(value: Json, change: (value: number) => number): Json {
  if (typeof value === 'number') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapNumbers(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapNumbers(item, change)]));
}
