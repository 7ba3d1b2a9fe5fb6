import fc from 'fast-check';
import { ABSTRACT, FORMS, type Abstract, type Form } from '../../../test/support/edit-forms';
import { diffConfigs } from '../diff-configs';
import { EditRefusedError } from './edit-refused.error';
import { revertVersion } from './revert-version';

/** Lists whose order says nothing: it may differ from that of a file that was always so. */
const ORDER = /^$|\/(?:nodes|links|edges|outputs|panels|items|wires|flowData|elements|connections)|^\/\d+/;

const RUNS = { numRuns: 30 };

function bytesOf(form: Form, graph: Abstract, indent: number): Buffer {
  return Buffer.from(JSON.stringify(form.render(graph), null, indent));
}

type Roll = () => number;

/** What a version does: nodes go, change and move, edges go, a node comes. */
function versionOf(graph: Abstract, roll: Roll): Abstract {
  const kept = graph.nodes.filter((_, index) => index === 0 || roll() > 0);
  const nodes = kept.map((node, index) => {
    const dice = roll();
    if (index === 0) return node;
    if (dice === 0) return { ...node, text: `${node.text} new` };
    return dice === 1 ? { ...node, x: node.x + 7 } : node;
  });
  if (roll() > 2) nodes.push({ id: 'fresh-node-zzzz', text: 'unlike the others', x: 900 });
  const ids = new Set(nodes.map(({ id }) => id));
  return {
    nodes,
    edges: graph.edges.filter(([source, target]) => ids.has(source) && ids.has(target) && roll() > 1),
  };
}

/** What happens later: the first node changes, and another one comes. */
function later(graph: Abstract): Abstract {
  const [first, ...others] = graph.nodes;
  if (first === undefined) return graph;
  const fresh = { id: 'zeta-node-later', text: 'came later', x: 1500 };
  return { nodes: [{ ...first, text: `${first.text} later` }, ...others, fresh], edges: graph.edges };
}

describe.each(FORMS)('revertVersion, $name', (form) => {
  const some = fc.tuple(ABSTRACT, fc.infiniteStream(fc.nat(5)), fc.constantFrom(0, 2));

  it('takes back one version and keeps what came later', () => {
    fc.assert(
      fc.property(some, ([graph, dice, indent]) => {
        const changed = versionOf(graph, () => dice.next().value as number);
        const [before, after] = [bytesOf(form, graph, indent), bytesOf(form, changed, indent)];
        const present = bytesOf(form, later(changed), indent);
        const { config, left_out } = revertVersion({ before, after, present });
        const { summary, other } = diffConfigs(bytesOf(form, later(graph), indent), config);
        const { other_changed: _, ...counts } = summary;
        const moved = form.derivedPlace ? { nodes_moved: expect.any(Number) as number } : {};
        expect(counts).toEqual({ ...NOTHING, ...moved });
        for (const { path } of other) expect(path).toMatch(ORDER);
        expect(left_out).toEqual([]);
      }),
      RUNS,
    );
  });

  it('gives the exact bytes of the version before if nothing came later', () => {
    fc.assert(
      fc.property(some, ([graph, dice, indent]) => {
        const after = bytesOf(
          form,
          versionOf(graph, () => dice.next().value as number),
          indent,
        );
        const before = bytesOf(form, graph, indent);
        expect(revertVersion({ before, after, present: after }).config.equals(before)).toBe(true);
      }),
      { numRuns: 5 },
    );
  });

  it('refuses with a list when the same part was changed again', () => {
    const node = (id: string, text: string) => ({ id, text, x: 0 });
    const graph = (text: string): Abstract => ({
      nodes: [node('alpha-node-4f1c', 'first'), node('beta-node-9d2e', text)],
      edges: [],
    });
    const [before, after, present] = ['one', 'two', 'three'].map((text) => bytesOf(form, graph(text), 0));
    let refusal: unknown;
    try {
      revertVersion({ before: before as Buffer, after: after as Buffer, present: present as Buffer });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(EditRefusedError);
    expect(refusal).toMatchObject({ code: 'conflict', obstacles: [{ message: 'was changed again since' }] });
  });
});

describe('revertVersion', () => {
  const revert = (before: string, after: string, present: string): string =>
    revertVersion({
      before: Buffer.from(before),
      after: Buffer.from(after),
      present: Buffer.from(present),
    }).config.toString();

  it('works by members in plain JSON, and keeps the bytes of all others', () => {
    expect(revert('{"a":1.0,"b":[1,2]}', '{"a":2,"b":[1,3]}', '{ "a" : 2, "b":[9,3], "c":1e400 }')).toBe(
      '{ "a" : 1.0, "b":[9,2], "c":1e400 }',
    );
    expect(revert('{"a":1}', '{"a":1,"b":2}', '{"a":5,"b":2}')).toBe('{"a":5}');
    expect(() => revert('[1,2]', '[1]', '[1,3]')).toThrow(EditRefusedError);
    expect(revert('[1.0,2]', '[1]', '[ 1 ]')).toBe('[1.0,2]');
    expect(revert('{"a":1}', '{ "a":1 }', '{"a":2}')).toBe('{"a":2}');
  });

  it('refuses a version that made a file of another kind or form', () => {
    const panel = (id: number) => ({
      id,
      title: `t${id}`,
      type: 'text',
      gridPos: { x: 0, y: id, w: 1, h: 1 },
    });
    const classic = (...ids: number[]) => JSON.stringify({ title: 'd', panels: ids.map(panel) });
    const v2 = JSON.stringify({
      title: 'd',
      elements: {},
      layout: { kind: 'GridLayout', spec: { items: [] } },
    });
    for (const [before, after, present] of [
      [v2, classic(1, 2), classic(1)],
      [classic(1), v2, v2.replace('"d"', '"e"')],
      ['{"x":1}', classic(1), classic(1, 2)],
    ] as const)
      expect(() => revert(before, after, present)).toThrow(EditRefusedError);
  });

  it('renames a node of n8n back, with its connections', () => {
    const flow = (name: string, x: number) =>
      JSON.stringify({
        nodes: [
          { id: 'id-of-start-1', name: 'Start', type: 't', typeVersion: 1, position: [x, 0], parameters: {} },
          { id: 'id-of-other-2', name, type: 'u', typeVersion: 1, position: [9, 0], parameters: {} },
        ],
        connections: { Start: { main: [[{ node: name }]] }, [name]: { main: [[{ node: 'Start' }]] } },
      });
    expect(revert(flow('Set', 0), flow('Set1', 0), flow('Set1', 5))).toBe(flow('Set', 5));
  });

  it('takes back settings outside the graph', () => {
    const flow = (version: number, x: number) =>
      JSON.stringify({
        nodes: [{ id: 'node-aaaa', position: { x, y: 0 }, data: {} }],
        edges: [],
        viewport: { version },
      });
    expect(revert(flow(1, 0), flow(2, 0), flow(2, 5))).toBe(flow(1, 5));
  });
});

const NOTHING = {
  ...{ nodes_added: 0, nodes_removed: 0, nodes_changed: 0, nodes_moved: 0 },
  ...{ edges_added: 0, edges_removed: 0, edges_changed: 0 },
};
