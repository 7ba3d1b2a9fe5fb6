import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { ContentIds } from './content-ids';
import { diffConfigs, diffValues } from './diff-configs';
import { readExact, writeExact } from './exact-json';
import type { Json } from './json';
import { applyPatch } from './patch/json-patch';

function sample(name: string): Json {
  const path = join(__dirname, '../../test/samples/graphs', `${name}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as Json;
}

interface Flow {
  nodes: Record<string, Json>[];
  edges: Record<string, Json>[];
}

function flow(nodes: string, edges: string): Json & Flow {
  return {
    nodes: nodes
      .split(' ')
      .map((id) => ({ id, type: 'step', data: { label: `Step ${id}` }, position: { x: 0, y: 0 } })),
    edges: edges
      .split(' ')
      .filter(Boolean)
      .map((edge) => ({ source: edge[0] ?? '', target: edge[1] ?? '' })),
  };
}

describe('diffValues', () => {
  it('tells nodes and edges that came and went', () => {
    const diff = diffValues(flow('a b c', 'ab bc'), flow('a b d', 'ab bd'));
    expect(diff.dialect).toBe('react-flow');
    expect(diff.nodes.added).toEqual([{ id: 'd', name: 'Step d', type: 'step' }]);
    expect(diff.nodes.removed).toEqual([{ id: 'c', name: 'Step c', type: 'step' }]);
    const ends = { source: 'b', source_port: null, source_name: 'Step b', target_port: null };
    expect(diff.edges.added).toEqual([{ ...ends, target: 'd', target_name: 'Step d' }]);
    expect(diff.edges.removed).toEqual([{ ...ends, target: 'c', target_name: 'Step c' }]);
    expect(diff.summary).toEqual({
      nodes_added: 1,
      nodes_removed: 1,
      nodes_changed: 0,
      nodes_moved: 0,
      edges_added: 1,
      edges_removed: 1,
      edges_changed: 0,
      other_changed: 0,
    });
  });

  it('names the ends of edges as the version has them that has the edge', () => {
    const [from, to] = [flow('a b', 'ab'), flow('a b', 'ba ax')];
    Object.assign(to.nodes[0]!, { data: { label: 'Begin' } });
    Object.assign(to.nodes[1]!, { data: { label: '\u{1f600}'.repeat(300) } });
    const { added, removed } = diffValues(from, to).edges;
    expect(removed).toMatchObject([{ source_name: 'Step a', target_name: 'Step b' }]);
    // A node with a long name can have thousands of edges; and one edge leads to a node that there is not.
    const long = '\u{1f600}'.repeat(200);
    const ports = { source_port: null, target_port: null };
    expect(added).toEqual([
      { source: 'b', target: 'a', ...ports, source_name: long, target_name: 'Begin' },
      { source: 'a', target: 'x', ...ports, source_name: 'Begin' },
    ]);
  });

  it('tells one removal when one of two equal edges goes, and one addition when one comes', () => {
    const [two, one] = [flow('a b', 'ab ab'), flow('a b', 'ab')];
    expect(diffValues(two, one).summary).toMatchObject({ edges_added: 0, edges_removed: 1 });
    expect(diffValues(one, two).summary).toMatchObject({ edges_added: 1, edges_removed: 0 });
  });

  it('tells edges between other ports apart', () => {
    const [before, after] = [flow('a b', 'ab'), flow('a b', 'ab')];
    Object.assign(after.edges[0] ?? {}, { sourceHandle: 'yes' });
    expect(diffValues(before, after).summary).toMatchObject({ edges_added: 1, edges_removed: 1 });
  });

  it('tells moved from changed, and both', () => {
    const after = flow('a b c', '');
    Object.assign(after.nodes[0] ?? {}, { position: { x: 5, y: 7 } });
    Object.assign(after.nodes[1] ?? {}, { data: { label: 'New' } });
    Object.assign(after.nodes[2] ?? {}, { data: { label: 'Newer' }, position: { x: 1, y: 0 } });
    const { nodes, summary } = diffValues(flow('a b c', ''), after);
    const move = { from: { x: 0, y: 0 }, to: { x: 5, y: 7 } };
    expect(nodes.moved).toEqual([{ id: 'a', name: 'Step a', type: 'step', ...move }]);
    expect(nodes.changed).toEqual([
      { id: 'b', name: 'New', type: 'step', changes: [{ op: 'replace', path: '/data/label', value: 'New' }] },
      {
        id: 'c',
        name: 'Newer',
        type: 'step',
        changes: [{ op: 'replace', path: '/data/label', value: 'Newer' }],
        moved: { from: { x: 0, y: 0 }, to: { x: 1, y: 0 } },
      },
    ]);
    expect(summary).toMatchObject({ nodes_changed: 2, nodes_moved: 1 });
  });

  it('takes what the editor does to the view for no change of a node', () => {
    const after = flow('a', '');
    Object.assign(after.nodes[0] ?? {}, { selected: true, measured: { width: 10, height: 9 } });
    const { summary, other, patch } = diffValues(flow('a', ''), after);
    const { other_changed, ...graph } = summary;
    expect(Object.values(graph).every((count) => count === 0)).toBe(true);
    // Yet the two are not equal.
    expect(other_changed).toBe(1);
    expect(other).toEqual([
      {
        path: '/nodes/0',
        changes: [
          { op: 'add', path: '/selected', value: true },
          { op: 'add', path: '/measured', value: { width: 10, height: 9 } },
        ],
      },
    ]);
    expect(patch).toHaveLength(2);
  });

  it.each(['n8n-support-agent', 'node-red-two-tabs', 'langflow-chat', 'dify-chatflow', 'react-flow'])(
    'finds the nodes and edges of %s again when all ids were re-made',
    (name) => {
      const ids = new Map<string, string>();
      const text = JSON.stringify(sample(name)).replace(
        /3f0c1c52-\d{4}-[0-9a-f-]+|a1b2c3d4e5f\w+|\b\w+-(?=\w{5}\b)(?:aB3dE|Qw7Er|Zx9Cv|Lk5Jh)|171152891\d+|(?<="(?:id|source|target)":")\d(?=")/g,
        (id) => ids.get(id) ?? (ids.set(id, `remade${ids.size}`).get(id) as string),
      );
      expect(ids.size).toBeGreaterThan(2);
      const { summary } = diffValues(sample(name), JSON.parse(text) as Json);
      expect(summary).toMatchObject({ nodes_added: 0, nodes_removed: 0, edges_added: 0, edges_removed: 0 });
    },
  );

  it('does not match a reused number with the node that had it', () => {
    const node = (id: number, type: string): Json => ({ id, type, pos: [0, 0] });
    const before = { nodes: [node(1, 'Load'), node(2, 'Save')], links: [[1, 1, 0, 2, 0]] };
    const after = { nodes: [node(1, 'Save'), node(2, 'Load')], links: [[1, 2, 0, 1, 0]] };
    const { other_changed, ...graph } = diffValues(before, after).summary;
    expect(Object.values(graph).every((count) => count === 0)).toBe(true);
    expect(other_changed).toBeGreaterThan(0);
  });

  it('takes a changed type for a change of the node', () => {
    const after = flow('a', '');
    Object.assign(after.nodes[0] ?? {}, { type: 'other' });
    expect(diffValues(flow('a', ''), after).nodes.changed[0]).toMatchObject({
      changes: [{ op: 'replace', path: '/type', value: 'other' }],
    });
  });

  it('takes a renamed n8n node for one change, and its connections for none', () => {
    const text = JSON.stringify(sample('n8n-support-agent')).replaceAll('AI Agent', 'Helper');
    expect(diffValues(sample('n8n-support-agent'), JSON.parse(text) as Json).summary).toEqual({
      nodes_added: 0,
      nodes_removed: 0,
      nodes_changed: 1,
      nodes_moved: 0,
      edges_added: 0,
      edges_removed: 0,
      edges_changed: 0,
      other_changed: 0,
    });
  });

  it('gives only a patch for two dialects, and for none', () => {
    const diff = diffValues(sample('react-flow'), sample('n8n-support-agent'));
    expect([diff.dialect, diff.nodes.added.length]).toEqual(['json', 0]);
    expect(applyPatch(sample('react-flow'), diff.patch)).toEqual(sample('n8n-support-agent'));
    expect(diffValues({ a: 1 }, { a: 2 }).patch).toEqual([{ op: 'replace', path: '/a', value: 2 }]);
  });

  it('gives a patch that leads from any state of a flow to any other', () => {
    const flows = fc
      .record({
        nodes: fc.uniqueArray(fc.constantFrom(...'abcdefgh')),
        edges: fc.array(fc.constantFrom('ab', 'bc', 'ca', 'ab')),
      })
      .map(({ nodes, edges }) => flow(nodes.join(' '), edges.join(' ')));
    fc.assert(
      fc.property(flows, flows, (from, to) => {
        const diff = diffValues(from, to);
        expect(new ContentIds().same(applyPatch(from, diff.patch), to)).toBe(true);
        const { edges_added, edges_removed } = diff.summary;
        expect(from.edges.length + edges_added - edges_removed).toBe(to.edges.length);
      }),
    );
  });
});

describe('diffConfigs', () => {
  function diff(from: string, to: string) {
    return diffConfigs(Buffer.from(from), Buffer.from(to));
  }

  it('says when only the spelling differs', () => {
    expect(diff('{"a":1.0}', '{ "a": 1 }')).toMatchObject({ formatting_only: true, patch: [] });
    expect(diff('{"a":1}', '{"a":1}')).toMatchObject({ formatting_only: false, patch: [] });
    expect(diff('{"a":1}', '{"a":2}').formatting_only).toBe(false);
  });

  it('tells numbers past a double’s reach apart, and writes them whole', () => {
    const text = writeExact(diff('{"a":12345678901234567890}', '{"a":12345678901234567891}'));
    expect(text).toContain('"patch":[{"op":"replace","path":"/a","value":12345678901234567891}]');
  });

  // Some 2 s on a quiet machine; were it quadratic, the test would not end in its time.
  it('handles two of 5 MB with 100,000 nodes', () => {
    const big = (salt: number): Buffer =>
      Buffer.from(
        JSON.stringify({
          nodes: Array.from({ length: 100_000 }, (_, index) => ({
            id: `node-${index}`,
            d: index % 9 ? 0 : salt,
            x: [100, 200],
          })),
          edges: Array.from({ length: 20_000 }, (_, index) => ({
            source: `node-${index}`,
            target: `node-${index + salt}`,
          })),
        }),
      );
    const [from, to] = [big(1), big(2)];
    expect(from.byteLength).toBeGreaterThan(4_500_000);
    const { summary, patch } = diffConfigs(from, to);
    expect(summary).toMatchObject({ nodes_changed: 11_112, edges_added: 20_000, edges_removed: 20_000 });
    expect(new ContentIds().same(applyPatch(readExact(from), patch), readExact(to))).toBe(true);
  });
});
