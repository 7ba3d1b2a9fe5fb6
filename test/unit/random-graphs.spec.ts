import fc from 'fast-check';
import { diffConfigs } from '../../src/diff/diff-configs';
import type { Json } from '../../src/diff/json';
import { difference, picture } from '../support/drawn';

/** Names of members that the readers of all dialects look at. */
const NAMES =
  `nodes edges links connections elements layout panels rows items tabs spec kind id key name type title
  label data position pos x y w h width height size bounding measured style parentId parentNode parent within z g d
  wires in out status env flow subflows configs nodes groups reroutes extra linkExtensions definitions subgraphs
  inputNode outputNode inputs outputs origin_id origin_slot target_id target_slot source target sourceHandle
  targetHandle from to fromNode toNode class_type widgets_values mode flags collapsed collapse gridPos libraryPanel
  element vizConfig options content parameters disabled node index main info text note hidden showNode flowData
  workflow graph __proto__ constructor toString`
    .trim()
    .split(/\s+/);

/** What readers compare with, ids that meet, and numbers that no picture can hold. */
const LEAVES: Json[] = [
  ...[
    'a',
    'b',
    '1',
    '-10',
    '-20',
    '',
    'tab',
    'subflow',
    'group',
    'row',
    'text',
    'link out',
    'stickyNote',
    'main',
  ],
  ...[
    'GridLayout',
    'RowsLayout',
    'GridLayoutItem',
    'GridLayoutRow',
    'Note',
    '**x**',
    '200px',
    '{"nodes":[]}',
  ],
  ...[0, 1, 2, 4, -10, -20, -0, 0.5, 24, 300, 1e9, -1e9, 1e308, -1e308, 5e-324, 2 ** 53],
  ...[true, false, null],
];

const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(...LEAVES),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 7 }) as fc.Arbitrary<Json>,
  ),
}));
const list = fc.array(value, { maxLength: 4 });
const items = (...names: string[]): fc.Arbitrary<Json> =>
  fc.array(
    fc.record(Object.fromEntries(names.map((name) => [name, value])), {
      requiredKeys: [],
    }) as fc.Arbitrary<Json>,
    { maxLength: 5 },
  );
const document = (members: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<Json> =>
  fc
    .tuple(fc.record(members), fc.option(value, { nil: undefined }))
    .map(([document, extra]) => (extra === undefined ? document : { ...document, extra }));

const links = fc.array(fc.tuple(value, value, value, value, value, value), {
  maxLength: 4,
});
const comfyNodes = items('id', 'type', 'pos', 'size', 'mode', 'flags', 'inputs', 'outputs', 'widgets_values');

/** One for each dialect, in the shape by which it is recognised, with anything in it. */
const DOCUMENTS: Array<[string, fc.Arbitrary<Json>]> = [
  [
    'React Flow',
    document({
      nodes: items('id', 'type', 'position', 'data', 'parentId', 'style', 'measured', 'width', 'height'),
      edges: items('source', 'target', 'sourceHandle', 'data'),
    }),
  ],
  [
    'n8n',
    document({
      nodes: items('id', 'name', 'type', 'position', 'parameters', 'disabled'),
      connections: fc.dictionary(fc.constantFrom('a', 'b', '1'), value),
    }),
  ],
  [
    'Node-RED',
    items('id', 'type', 'z', 'g', 'x', 'y', 'w', 'h', 'wires', 'd', 'links', 'in', 'out', 'info').map(
      (nodes) => [{ id: 'a', type: 'tab' }, ...(nodes as Json[])],
    ),
  ],
  [
    'ComfyUI',
    document({
      nodes: comfyNodes,
      links,
      groups: items('id', 'title', 'bounding'),
      reroutes: items('id', 'pos', 'parentId'),
      definitions: document({
        subgraphs: fc.array(
          document({ id: value, nodes: comfyNodes, links, inputs: list, inputNode: value }),
        ),
      }),
    }),
  ],
  [
    'Grafana',
    document({
      title: value,
      schemaVersion: value,
      panels: items('id', 'type', 'gridPos', 'panels', 'collapsed'),
    }),
  ],
  [
    'Grafana v2',
    document({
      elements: fc.dictionary(fc.constantFrom('a', 'b', '1'), value),
      layout: document({
        kind: fc.constant<Json>('GridLayout'),
        spec: document({ items: items('kind', 'spec'), rows: list }),
      }),
    }),
  ],
  [
    'nodes and links',
    document({
      nodes: items('id', 'data', 'x', 'y', 'width', 'height', 'type', 'text'),
      links: items('source', 'target'),
    }),
  ],
  ['anything', value],
];

describe.each(DOCUMENTS)('random documents of %s', (_, documents) => {
  it('are compared and drawn without a fault, in finite numbers', () => {
    fc.assert(
      fc.property(documents, documents, (from, to) => {
        for (const svg of [picture(to), difference(from, to)])
          expect(svg).not.toMatch(
            /\s(?:x|y|cx|cy|width|height|d|transform)="[^"]*(?:NaN|Infinity|undefined|e[+-]?\d)/,
          );
        const [before, after] = [from, to].map((config) => Buffer.from(JSON.stringify(config)));
        expect(() => diffConfigs(before!, after!)).not.toThrow();
        expect(diffConfigs(after!, after!).patch).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
