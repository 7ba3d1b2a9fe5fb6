import fc from 'fast-check';
import { diffValues } from '../../src/diff/diff-configs';
import type { Json } from '../../src/diff/json';

/*
 * Any mixture of renaming, moving, editing, new ids, ids that are counted again, another order, an added and a removed
 * node is described as exactly that, in every dialect. Each node has a text that no other has and that no edit
 * touches, so that who is who is determined.
 */

interface Item {
  key: number;
  id: string;
  name: string;
  kind: string;
  x: number;
  y: number;
  own: string;
  extra: string;
}

interface Picture {
  items: Item[];
  edges: [number, number][];
}

const idOf = ({ items }: Picture, key: number): string => items.find((item) => item.key === key)!.id;
const into = ({ edges }: Picture, key: number): number[] =>
  edges.filter(([, to]) => to === key).map(([from]) => from);
const from = ({ edges }: Picture, key: number): number[] =>
  edges.filter(([source]) => source === key).map(([, to]) => to);

function n8n(picture: Picture, withIds: boolean): Json {
  const nameOf = (key: number): string => picture.items.find((item) => item.key === key)!.name;
  const nodes = picture.items.map(({ id, name, kind, x, y, own, extra }) => ({
    ...(withIds && { id }),
    ...{ name, type: `n8n-nodes-base.${kind}`, typeVersion: 2, position: [x, y] },
    parameters: { own, extra, authentication: 'none' },
  }));
  const connections = picture.items.map(({ key, name }): [string, Json] => [
    name,
    { main: [from(picture, key).map((to) => ({ node: nameOf(to), type: 'main', index: 0 }))] },
  ]);
  return { nodes, connections: Object.fromEntries(connections) };
}

const edgesOf = (picture: Picture): Json[] =>
  picture.edges.map(([a, b]) => ({ source: idOf(picture, a), target: idOf(picture, b) }));

/** How each dialect writes the same picture. */
const WRITE: Record<string, (picture: Picture) => Json> = {
  n8n: (picture) => n8n(picture, true),
  'n8n without ids': (picture) => n8n(picture, false),
  'React Flow': (picture) => ({
    nodes: picture.items.map(({ id, name, kind, x, y, own, extra }) => ({
      ...{ id, type: kind, position: { x, y }, data: { label: name, own, extra, size: 'm' } },
    })),
    edges: edgesOf(picture),
  }),
  Langflow: (picture) => ({
    data: {
      nodes: picture.items.map(({ id, name, kind, x, y, own, extra }) => ({
        ...{ id, type: 'genericNode', position: { x, y } },
        data: {
          ...{ id, type: kind },
          node: { display_name: name, template: { own: { value: own }, extra: { value: extra } } },
        },
      })),
      edges: edgesOf(picture),
    },
  }),
  'Node-RED': (picture) => [
    { id: 'f6f2187d.f17ca8', type: 'tab', label: 'Flow' },
    ...picture.items.map(({ key, id, name, kind, x, y, own, extra }) => ({
      ...{ id, type: kind, z: 'f6f2187d.f17ca8', name, x, y, own, extra, qos: '2' },
      wires: [from(picture, key).map((to) => idOf(picture, to))],
    })),
  ],
  ComfyUI: (picture) => ({
    nodes: picture.items.map(({ id, name, kind, x, y, own, extra }) => ({
      ...{ id: Number(id), type: kind, title: name, pos: [x, y], size: [210, 90] },
      ...{ widgets_values: [own, extra, 'fixed'], inputs: [{ name: 'in' }], outputs: [{ name: 'out' }] },
    })),
    links: picture.edges.map(([a, b], at) => [
      ...[at + 1, Number(idOf(picture, a)), 0, Number(idOf(picture, b)), 0, '*'],
    ]),
    version: 0.4,
  }),
  "ComfyUI's API": (picture) =>
    Object.fromEntries(
      picture.items.map(({ key, id, name, kind, own, extra }) => [
        id,
        {
          ...{ class_type: kind, _meta: { title: name } },
          inputs: {
            ...{ own, extra },
            ...Object.fromEntries(into(picture, key).map((a) => [`in ${a}`, [idOf(picture, a), 0]])),
          },
        },
      ]),
    ),
  Grafana: (picture) => ({
    ...{ title: 'Dashboard', schemaVersion: 39 },
    panels: picture.items.map(({ id, name, kind, x, y, own, extra }) => ({
      ...{ id: Number(id), type: kind, title: name, gridPos: { x, y, w: 4, h: 4 } },
      ...{ targets: [{ refId: 'A', expr: own }], description: extra },
    })),
  }),
  'schema v2 of Grafana': (picture) => ({
    title: 'Dashboard',
    elements: Object.fromEntries(
      picture.items.map(({ id, name, kind, own, extra }) => {
        const data = {
          kind: 'QueryGroup',
          spec: { queries: [{ spec: { query: { spec: { expr: own } } } }] },
        };
        return [
          id,
          { kind: 'Panel', spec: { title: name, description: extra, data, vizConfig: { group: kind } } },
        ];
      }),
    ),
    layout: {
      kind: 'GridLayout',
      spec: {
        items: picture.items.map(({ id, x, y }) => {
          const element = { kind: 'ElementReference', name: id };
          return { kind: 'GridLayoutItem', spec: { x, y, width: 4, height: 4, element } };
        }),
      },
    },
  }),
  '{nodes, links}': (picture) => ({
    nodes: picture.items.map(({ id, name, kind, x, y, own, extra }) => ({
      ...{ id, label: name, type: kind, x, y, own, extra },
    })),
    links: edgesOf(picture),
  }),
};

const WORDS = 'amber birch cedar daisy elder fennel ginger hazel iris jasmine kelp laurel'.split(' ');
const KINDS = ['http', 'set', 'code', 'wait'];

interface Plan {
  picture: Picture;
  ids: 'kept' | 'shifted' | 'remade' | 'some remade';
  renamed: boolean[];
  moved: boolean[];
  edited: boolean[];
  add: boolean;
  remove: boolean;
  reverse: boolean;
}

const remadeId = (key: number): string => `9${(key * 7919 + 104729).toString().padStart(7, '3')}1178341`;
const randomId = (key: number): string => `8${(key * 104729 + 7919).toString().padStart(7, '5')}1178341`;

/** `serial`: the dialect numbers its nodes. */
function plans(serial: boolean): fc.Arbitrary<Plan> {
  const flags = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 });
  return fc
    .record({
      count: fc.integer({ min: 3, max: 12 }),
      kinds: fc.array(fc.nat(3), { minLength: 12, maxLength: 12 }),
      places: fc.array(fc.nat(30), { minLength: 12, maxLength: 12 }),
      ends: fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 14 }),
      numbered: serial ? fc.constant(true) : fc.boolean(),
      ids: fc.constantFrom('kept', 'shifted', 'remade', 'some remade'),
      ...{ renamed: flags, moved: flags, edited: flags },
      ...{ add: fc.boolean(), remove: fc.boolean(), reverse: fc.boolean() },
    })
    .map(({ count, kinds, places, ends, numbered, ...rest }): Plan => {
      const items = Array.from({ length: count }, (_, key): Item => ({
        ...{ key, id: numbered ? String(key + 1) : randomId(key), name: `Node ${'abcdefghijkl'[key]}` },
        ...{ kind: KINDS[kinds[key]!]!, x: key * 4, y: places[key]! * 4 },
        ...{ own: `text of ${WORDS[key]}`, extra: `choice ${key % 3}` },
      }));
      const pairs = ends.filter(([a, b]) => a !== b && a < count && b < count);
      const edges = [...new Map(pairs.map((pair) => [pair.join(), pair])).values()];
      return { picture: { items, edges }, ...rest };
    });
}

function changed(plan: Plan): { to: Picture; expected: Record<string, number> } {
  const { picture, ids, renamed, moved, edited, add, remove, reverse } = plan;
  const gone = remove ? picture.items.length - 1 : -1;
  const next = picture.items
    .filter(({ key }) => key !== gone)
    .map((item): Item => {
      const { key, id } = item;
      const serial = /^\d{1,2}$/.test(id);
      const isNew = ids === 'remade' || (ids === 'some remade' && key % 2 === 0);
      // With another id, name, place and half of its content, who is who is a matter of taste.
      const moves = moved[key] && !(isNew && renamed[key] && edited[key]);
      return {
        ...item,
        id: serial ? String(Number(id) + (ids === 'kept' ? 0 : 2)) : isNew ? remadeId(key) : id,
        ...(renamed[key] && { name: `Another ${key}` }),
        ...(moves && { x: item.x + 1_000 }),
        ...(edited[key] && { extra: `edited ${key % 3}` }),
      };
    });
  const content = next.filter(({ key }) => renamed[key] || edited[key]).length;
  const places = next.filter(({ key }) => moved[key] && !renamed[key] && !edited[key]).length;
  const fresh = { key: 99, id: '99', name: 'Fresh', kind: 'http', x: 500, y: 500 };
  if (add) next.splice(1, 0, { ...fresh, own: 'text of a new one', extra: 'choice 1' });
  if (reverse) next.reverse();
  const edges = picture.edges.filter((pair) => !pair.includes(gone));
  const expected = {
    ...{
      nodes_added: add ? 1 : 0,
      nodes_removed: remove ? 1 : 0,
      nodes_changed: content,
      nodes_moved: places,
    },
    ...{ edges_added: 0, edges_removed: picture.edges.length - edges.length, edges_changed: 0 },
  };
  return { to: { items: next, edges }, expected };
}

it.each(Object.entries(WRITE))('%s: who is who survives any mixture of edits', (dialect, write) => {
  const serial = ['ComfyUI', "ComfyUI's API", 'Grafana'].includes(dialect);
  fc.assert(
    fc.property(plans(serial), (plan) => {
      const { to, expected } = changed(plan);
      const known = { ...expected, ...(dialect === "ComfyUI's API" && { nodes_moved: 0 }) };
      const edges = dialect.includes('Grafana') ? { edges_removed: 0 } : {};
      expect(diffValues(write(plan.picture), write(to)).summary).toMatchObject({ ...known, ...edges });
    }),
    { numRuns: 60 },
  );
});

it.each(Object.entries(WRITE))(
  '%s: a node in the place of another one of its type is a new node',
  (dialect, write) => {
    const item = (key: number, more: Partial<Item> = {}): Item => ({
      ...{ key, id: String(key + 10), name: `Node ${key}`, kind: 'http', x: key * 4, y: 0 },
      ...{ own: `channel of ${WORDS[key]}`, extra: `hello ${WORDS[key + 5]}`, ...more },
    });
    const edges: [number, number][] = [[0, 1], [2, 3]]; // prettier-ignore
    const before = { items: [0, 1, 2, 3, 4].map((key) => item(key)), edges };
    const other = {
      id: '77',
      name: 'Someone else',
      own: 'a user is deleted',
      extra: 'no mail is sent',
      y: 4,
    };
    const after = { items: [0, 1, 2, 3, 4].map((key) => item(key, key === 4 ? other : {})), edges };
    const { summary } = diffValues(write(before), write(after));
    expect([dialect, summary.nodes_added, summary.nodes_removed, summary.nodes_changed]).toEqual([
      dialect,
      1,
      1,
      0,
    ]);
  },
);

it('fifty nodes with new names and ids are the same nodes', () => {
  const picture = (age: 'old' | 'new'): Picture => ({
    items: Array.from({ length: 50 }, (_, key): Item => ({
      ...{
        key,
        id: age === 'old' ? randomId(key) : remadeId(key),
        name: `${age} ${key}`,
        kind: KINDS[key % 4]!,
      },
      ...{ x: key * 8, y: 0, own: `parameter ${key % 10}`, extra: 'the same in all' },
    })),
    edges: Array.from({ length: 49 }, (_, key) => [key, key + 1]),
  });
  for (const dialect of ['n8n', 'n8n without ids', 'React Flow', 'Node-RED', 'Langflow']) {
    const write = WRITE[dialect]!;
    const { summary } = diffValues(write(picture('old')), write(picture('new')));
    expect([dialect, summary]).toMatchObject([
      dialect,
      {
        nodes_added: 0,
        nodes_removed: 0,
        nodes_changed: 50,
        nodes_moved: 0,
        edges_added: 0,
        edges_removed: 0,
      },
    ]);
  }
});
