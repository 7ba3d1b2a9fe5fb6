import fc from 'fast-check';
import { diffConfigs } from '../diff-configs';
import type { GraphNode } from '../dialects/graph';
import { readGraph, type Document } from '../dialects/read-graph';
import { readExact } from '../exact-json';
import { ABSTRACT, FORMS, type Abstract, type Form } from '../../../test/support/edit-forms';
import { SpanIndex } from './json-text';
import { restoreNodes } from './restore-nodes';
import { index } from './side';

/** Lists whose order says nothing: it may differ from that of the old version. */
const ORDER = /\/(?:nodes|links|outputs)/;

const RUNS = { numRuns: 40 };

function bytesOf(form: Form, graph: Abstract, indent: number): Buffer {
  return Buffer.from(JSON.stringify(form.render(graph), null, indent));
}

interface Read {
  document: Document;
  /** The bytes of each node's own item. */
  texts: Map<string, string>;
}

function read(bytes: Buffer): Read {
  const value = readExact(bytes);
  const document = readGraph(value);
  const spans = new SpanIndex();
  index(spans, bytes, value);
  const texts = new Map(
    document.nodes.flatMap(({ id, item }) => {
      const span = spans.of(item);
      return span === undefined
        ? []
        : [[id, span.text.bytes.toString('utf8', span.start, span.end)] as const];
    }),
  );
  return { document, texts };
}

/** An edge by the names that the forms give its ends. */
function ends({ document }: Read): string[] {
  const name = new Map(document.nodes.map((node) => [node.id, labelOf(node.name)]));
  return document.edges.map(({ source, target }) => `${name.get(source)} ${name.get(target)}`).sort();
}

/** Forms add sheets, and a node elsewhere. */
const isOurs = ({ role, name }: GraphNode): boolean =>
  role !== 'sheet' && role !== 'port' && !name.startsWith('other');

const labelOf = (name: string): string => name.split(' ')[0] ?? '';

function idOf({ document }: Read, label: string): string {
  return document.nodes.find(({ name, role }) => role !== 'sheet' && labelOf(name) === label)?.id ?? '';
}

describe.each(FORMS)('restoreNodes, $name', (form) => {
  it('gives back the exact bytes when all that was lost is brought back', () => {
    const some = fc.tuple(ABSTRACT, fc.infiniteStream(fc.boolean()), fc.constantFrom(0, 2));
    fc.assert(
      fc.property(some, ([graph, flags, indent]) => {
        const lost = new Set(graph.nodes.filter(() => flags.next().value).map(({ id }) => id));
        if (lost.size === graph.nodes.length) return;
        const less: Abstract = {
          nodes: graph.nodes.filter(({ id }) => !lost.has(id)),
          edges: graph.edges.filter(([source, target]) => !lost.has(source) && !lost.has(target)),
        };
        const [old, present] = [bytesOf(form, graph, indent), bytesOf(form, less, indent)];
        const before = read(old);
        const { config, left_out } = restoreNodes(
          old,
          present,
          [...lost].map((id) => idOf(before, id)),
        );
        expect(left_out).toEqual([]);
        const { summary, other } = diffConfigs(old, config);
        const { other_changed: _, ...counts } = summary;
        expect(new Set(Object.values(counts))).toEqual(new Set([0]));
        for (const { path } of other) expect(path).toMatch(ORDER);
        if (form.exact) expect(config.toString()).toBe(old.toString());
      }),
      RUNS,
    );
  });

  it('changes the named nodes and their edges only, whatever else happened', () => {
    const some = fc.tuple(ABSTRACT, fc.infiniteStream(fc.nat(5)), fc.constantFrom(0, 2));
    fc.assert(
      fc.property(some, ([graph, dice, indent]) => {
        const roll = (): number => dice.next().value as number;
        const later = changedLater(graph, roll);
        const [old, present] = [bytesOf(form, graph, indent), bytesOf(form, later, indent)];
        const [before, now] = [read(old), read(present)];
        const named = graph.nodes.filter(() => roll() < 2).map(({ id }) => id);
        const { config } = restoreNodes(
          old,
          present,
          named.map((id) => idOf(before, id)),
        );
        const after = read(config);

        const there = new Set([...later.nodes.map(({ id }) => id), ...named]);
        const labels = after.document.nodes.filter(isOurs).map(({ name }) => labelOf(name));
        expect(labels.sort()).toEqual([...there].sort());
        const contentOf = (side: Read, label: string) => {
          const node = side.document.nodes.find(({ id }) => id === idOf(side, label));
          return { body: node?.body, position: form.derivedPlace ? null : node?.position };
        };
        for (const label of named) expect(contentOf(after, label)).toEqual(contentOf(before, label));
        const back = graph.edges.filter(
          ([source, target]) =>
            there.has(source) && there.has(target) && (named.includes(source) || named.includes(target)),
        );
        const expected = new Set([...later.edges, ...back].map((pair) => pair.join(' ')));
        expect(ends(after)).toEqual(form.hasEdges === false ? [] : [...expected].sort());
        for (const { id } of later.nodes) {
          if (named.includes(id) || (form.edgesInNodes && back.some((pair) => pair.includes(id)))) continue;
          expect(after.texts.get(idOf(after, id))).toBe(now.texts.get(idOf(now, id)));
        }
      }),
      RUNS,
    );
  });
});

/** Nodes go, change, move and come; edges go and come. */
function changedLater(graph: Abstract, roll: () => number): Abstract {
  const kept = graph.nodes.filter(() => roll() > 0);
  const nodes = kept.map((node) => {
    const dice = roll();
    if (dice === 0) return { ...node, text: `${node.text} new` };
    return dice === 1 ? { ...node, x: node.x + 7 } : node;
  });
  if (roll() > 2) nodes.push({ id: 'fresh-node-zzzz', text: 'unlike the others', x: 900 });
  if (nodes.length === 0) nodes.push({ id: 'lonely-node-yyyy', text: 'only one', x: 800 });
  const ids = new Set(nodes.map(({ id }) => id));
  const edges = graph.edges.filter(([source, target]) => ids.has(source) && ids.has(target) && roll() > 1);
  const [first, last] = [nodes[0]?.id ?? '', nodes.at(-1)?.id ?? ''];
  const isNew = !graph.edges.some(([source, target]) => source === first && target === last);
  if (isNew && first !== last && roll() > 2) edges.push([first, last]);
  return { nodes, edges };
}
