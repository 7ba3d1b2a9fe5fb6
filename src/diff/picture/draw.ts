import { compareGraphs } from '../compare-graphs';
import { otherChanges } from '../diff-configs';
import { readGraph } from '../dialects/read-graph';
import { readExact } from '../exact-json';
import type { Json } from '../json';
import { makePatch } from '../patch/json-patch';
import { drawScene } from './draw-scene';
import { legend, messagePage, otherLine, page } from './page';
import { diffScene, graphScene, type Scene } from './scene';
import { summaryPage } from './summary-page';

/** Up to these numbers a graph is drawn node by node; beyond, nothing could be told apart. */
const MAX_NODES = 2_500;
const MAX_EDGES = 6_000;

/** No picture is larger than this, in UTF-16 units; mostly ASCII, so about as many bytes. */
const MAX_LENGTH = 1_900_000;

/**
 * The picture of one version, as SVG: well-formed, without script or outside references, the same for the
 * same bytes, at most 2 MB. What is no graph of a known dialect gets a small picture that says so, a graph
 * too large to draw a summary. `bare`: without the legend. Throws SyntaxError when the bytes are not JSON.
 */
export function drawGraph(config: Uint8Array, bare = false): string {
  const { dialect, nodes, edges } = readGraph(readExact(config));
  const graph = { nodes, edges };
  if (dialect === 'json') return messagePage('No picture', ['This config is not a graph of a known kind.']);
  if (graph.nodes.length === 0) return messagePage(`${dialect}: an empty graph`, ['It has no nodes yet.']);
  return drawOrSum(graphScene(dialect, graph), bare);
}

/** The picture of what changed between two versions; promises the same as {@link drawGraph}. */
export function drawDiff(from: Uint8Array, to: Uint8Array, bare = false): string {
  const [before, after] = [readExact(from), readExact(to)];
  const comparison = compareGraphs(before, after, { oneForm: true });
  if (comparison.dialect === 'json')
    return messagePage('No picture of this difference', patchLines(before, after));
  const other = otherChanges(comparison, makePatch(before, after, comparison.ids)).map(({ path }) => path);
  const scene = diffScene(comparison, other);
  if (scene.nodes.length === 0)
    return messagePage(`${scene.dialect}: an empty graph`, ['Neither side has nodes.', otherLine(scene)]);
  return drawOrSum(scene, bare);
}

function drawOrSum(scene: Scene, bare: boolean): string {
  const drawn =
    scene.nodes.length <= MAX_NODES && scene.edges.length <= MAX_EDGES
      ? page(scene, drawScene(scene), bare)
      : '';
  return drawn !== '' && drawn.length <= MAX_LENGTH ? drawn : summaryPage(scene, legend(scene, ''));
}

function patchLines(from: Json, to: Json): string[] {
  const patch = makePatch(from, to);
  const count = (op: string): number => patch.filter((operation) => operation.op === op).length;
  return [
    'The two are not graphs of one known kind, so they are compared as JSON only:',
    patch.length === 0
      ? 'they mean the same.'
      : `${count('add')} values added, ${count('remove')} removed, ${count('replace')} replaced, ${count('move')} moved.`,
  ];
}
