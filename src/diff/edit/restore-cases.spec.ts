import { readGraph } from '../dialects/read-graph';
import { readExact } from '../exact-json';
import type { Json, JsonObject } from '../json';
import { EditRefusedError } from './edit-refused.error';
import { restoreNodes, type Edited } from './restore-nodes';

function restore(from: Json, into: Json, ...ids: string[]): Edited & { value: Json } {
  const edited = restoreNodes(Buffer.from(JSON.stringify(from)), Buffer.from(JSON.stringify(into)), ids);
  return { ...edited, value: readExact(edited.config) };
}

const box = (id: string, label: string, more: JsonObject = {}): JsonObject => ({
  id,
  type: 'step',
  position: { x: 1, y: 2 },
  data: { label },
  ...more,
});

describe('ids that clash are kept apart', () => {
  it('React Flow: another node has the number now', () => {
    const from = {
      nodes: [box('1', 'start'), box('2', 'mail to the desk')],
      edges: [{ id: 'e1', source: '1', target: '2', sourceHandle: '1-out' }],
    };
    const into = {
      nodes: [box('1', 'start'), box('2', 'something else', { type: 'other' })],
      edges: [{ id: 'e1', source: '2', target: '1' }],
    };
    const { value } = restore(from, into, '2');
    expect(value).toEqual({
      nodes: [
        box('1', 'start'),
        box('2-2', 'mail to the desk'),
        box('2', 'something else', { type: 'other' }),
      ],
      edges: [...into.edges, { id: 'e1-2', source: '1', target: '2-2', sourceHandle: '1-out' }],
    });
  });

  it('n8n: another node has the name now', () => {
    const node = (id: string, name: string, type: string): JsonObject => ({
      ...{ id, name, type, typeVersion: 1, position: [0, 0], parameters: { of: id } },
    });
    const [start, set] = [node('id-of-start-1', 'Start', 't'), node('id-of-set-22', 'Set', 'u')];
    const from = {
      nodes: [start, set],
      connections: { Start: { main: [[{ node: 'Set' }]] }, Set: { main: [[{ node: 'Start' }]] } },
    };
    const other = node('id-of-new-333', 'Set', 'v');
    const { value } = restore(from, { nodes: [start, other], connections: {} }, 'id-of-set-22');
    expect(value).toEqual({
      nodes: [start, { ...set, name: 'Set1' }, other],
      connections: { Start: { main: [[{ node: 'Set1' }]] }, Set1: { main: [[{ node: 'Start' }]] } },
    });
  });

  it('ComfyUI: the numbers of the node and of the link are taken', () => {
    const node = (id: number, type: string, link: number | null, links: number[]): JsonObject => ({
      ...{ id, type, title: `the ${type}`, pos: [id, 0], size: [10, 10], widgets_values: [type] },
      inputs: [{ name: 'in', type: 'X', link }],
      outputs: [{ name: 'out', type: 'X', links }],
    });
    const workflow = (nodes: JsonObject[], links: Json[], last: number): JsonObject => ({
      ...{ last_node_id: last, last_link_id: 1, nodes, links, version: 0.4 },
    });
    const from = workflow([node(1, 'Load', null, [1]), node(2, 'Save', 1, [])], [[1, 1, 0, 2, 0, 'X']], 2);
    const into = workflow([node(1, 'Load', null, [1]), node(2, 'Other', 1, [])], [[1, 1, 0, 2, 0, 'X']], 2);
    const { value } = restore(from, into, '2');
    expect(value).toEqual({
      ...into,
      last_node_id: 3,
      last_link_id: 2,
      nodes: [node(1, 'Load', null, [1, 2]), { ...node(2, 'Save', 2, []), id: 3 }, node(2, 'Other', 1, [])],
      links: [
        [1, 1, 0, 2, 0, 'X'],
        [2, 1, 0, 3, 0, 'X'],
      ],
    });
  });

  it('Grafana: a panel gets the next number', () => {
    const panel = (id: number, title: string, expr: string): JsonObject => ({
      ...{ id, title, type: `type of ${title}`, gridPos: { x: 0, y: 0, w: 1, h: 1 }, targets: [{ expr }] },
    });
    const into = { title: 'd', panels: [panel(1, 'a', 'a'), panel(2, 'c', 'c')] };
    const { value } = restore({ title: 'd', panels: [panel(1, 'a', 'a'), panel(2, 'b', 'b')] }, into, '2');
    expect(value).toEqual({
      title: 'd',
      panels: [panel(1, 'a', 'a'), panel(3, 'b', 'b'), panel(2, 'c', 'c')],
    });
  });
});

describe('containers come along', () => {
  it('Node-RED: the tab, the group and the definition of the subflow', () => {
    const tab = { id: 'tab-00000001', type: 'tab', label: 'T' };
    const group = {
      id: 'grp-00000001',
      type: 'group',
      z: tab.id,
      nodes: ['nod-00000001', 'nod-00000002'],
      x: 0,
      y: 0,
      w: 9,
      h: 9,
    };
    const node = (id: string, more: JsonObject): JsonObject => ({
      id,
      z: tab.id,
      x: 1,
      y: 1,
      wires: [[]],
      ...more,
    });
    const subflow = {
      id: 'sub-00000001',
      type: 'subflow',
      name: 'S',
      in: [{ x: 1, y: 1, wires: [{ id: 'inn-00000001' }] }],
      out: [],
    };
    const inner = { id: 'inn-00000001', type: 'change', z: subflow.id, x: 1, y: 1, wires: [[]] };
    const use = node('nod-00000001', { type: `subflow:${subflow.id}`, g: group.id });
    const rest: JsonObject[] = [
      { id: 'tab-00000009', type: 'tab', label: 'U' },
      { id: 'nod-00000009', type: 'inject', z: 'tab-00000009', x: 5, y: 5, wires: [[]] },
    ];
    const from = [
      tab,
      subflow,
      group,
      use,
      node('nod-00000002', { type: 'debug', g: group.id }),
      inner,
      ...rest,
    ];
    const { value, along } = restore(from, rest, 'nod-00000001');
    expect(along.map(({ id }) => id).sort()).toEqual(
      ['grp-00000001', 'inn-00000001', 'sub-00000001', 'sub-00000001:input 1', 'tab-00000001'].sort(),
    );
    expect(value).toEqual([tab, subflow, { ...group, nodes: ['nod-00000001'] }, use, inner, ...rest]);
  });

  it('React Flow: the parent, so that the relative place is right', () => {
    const from = {
      nodes: [box('group-aaaa', 'G', { type: 'group' }), box('child-bbbb', 'C', { parentId: 'group-aaaa' })],
      edges: [],
    };
    const { value, along } = restore(from, { nodes: [box('other-cccc', 'O')], edges: [] }, 'child-bbbb');
    expect(along).toMatchObject([{ id: 'group-aaaa' }]);
    expect(readGraph(value).nodes.map(({ id, within }) => [id, within])).toEqual([
      ['other-cccc', undefined],
      ['group-aaaa', undefined],
      ['child-bbbb', 'group-aaaa'],
    ]);
  });

  it('Grafana: a folded row comes back with the named panels only', () => {
    const panel = (id: number): JsonObject => ({
      id,
      title: `title ${id}`,
      type: 'graph',
      gridPos: { x: id, y: 1, w: 1, h: 1 },
    });
    const row = { id: 9, type: 'row', title: 'R', collapsed: true, gridPos: { x: 0, y: 0, w: 24, h: 1 } };
    const from = { title: 'd', panels: [panel(1), { ...row, panels: [panel(2), panel(3)] }] };
    const { value, along } = restore(from, { title: 'd', panels: [panel(1)] }, '3');
    expect(along).toMatchObject([{ id: '9' }]);
    expect(value).toEqual({ title: 'd', panels: [panel(1), { ...row, panels: [panel(3)] }] });
  });
});

describe('what is not safe', () => {
  it('leaves out an edge whose input has another connection, and says so', () => {
    const node = (inputs: JsonObject): JsonObject => ({ class_type: 'T', inputs });
    const from = { one: node({}), two: node({ image: ['one', 0] }) };
    const into = { three: { class_type: 'U', inputs: {} }, two: node({ image: ['three', 0] }) };
    const { value, left_out } = restore(from, into, 'one');
    expect(left_out).toMatchObject([
      { source: 'one', target: 'two', reason: 'Its input has another value or connection now.' },
    ]);
    expect(value).toEqual({ one: node({}), ...into });
  });

  it('refuses another form of the same tool', () => {
    const api = { one: { class_type: 'T', inputs: {} } };
    const editor = { last_node_id: 1, nodes: [{ id: 1, type: 'T', pos: [0, 0] }], links: [] };
    expect(() => restore(api, editor, 'one')).toThrow(EditRefusedError);
  });
});
