import type { Box } from './auto-layout';
import { Corridors } from './corridors';
import { level, line, pathOf, text, type EdgePath, type Point } from './curves';
import { Detours, TURN } from './detours';
import type { SceneEdge } from './scene';
import { HEAD, turnedRound, upright, uprightAround } from './upright';

/** A port whose name ends with its number, such as n8n's and Node-RED's. */
const NUMBERED = /\d$/;
const numeric = new Intl.Collator('en', { numeric: true });

/** How far the control points of an edge from a node to itself are from it. */
const LOOP = 40;

/**
 * The curves of a scene's edges: out of the right side of the source into the left side of the target, each
 * port at its own height, as editors draw them; between boxes that stand over each other, from the lower
 * side to the upper side; what goes back runs below the boxes between, or above them. Edges with an end that has no box have no path.
 */
export function edgePaths(
  edges: readonly SceneEdge[],
  { boxes, topOf }: { boxes: ReadonlyMap<string, Box>; topOf: (id: string) => number },
  obstacles: readonly Box[],
): (EdgePath | undefined)[] {
  const middle = (id: string): number => centre(boxes.get(id))[0]?.y ?? 0;
  const outputs = portHeights(edges.map((edge) => [edge.source, edge.source_port, middle(edge.target)]));
  const inputs = portHeights(edges.map((edge) => [edge.target, edge.target_port, middle(edge.source)]));
  const corridors = new Corridors(obstacles);
  const detours = new Detours(obstacles);
  const sideways = new Corridors(obstacles.map(turnedRound));
  return edges.map((edge) => {
    const source = boxes.get(edge.source);
    const target = boxes.get(edge.target);
    if (source === undefined || target === undefined) return undefined;
    const from = {
      x: source.x + source.width,
      y: source.y + source.height * outputs(edge.source, edge.source_port),
    };
    const to = { x: target.x - HEAD, y: target.y + target.height * inputs(edge.target, edge.target_port) };
    const via = (edge.via ?? []).flatMap((id) => centre(boxes.get(id)));
    if (via.length > 0) return throughPoints([from, ...via, to]);
    if (source === target) return loop(source, topOf(edge.source));
    if (standOverEachOther(source, target)) return column(source, target, sideways, detours);
    if (hangsBelow(source, target, edge.source_port)) return pathOf([upright(source, target)]);
    return to.x > from.x - HEAD
      ? detours.sideways(from, to, [source, target])
      : back(from, to, [source, target], topOf(edge.source), corridors, detours);
  });
}

function centre(box: Box | undefined): Point[] {
  return box === undefined ? [] : [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }];
}

/**
 * For each node and port how far down the side it sits, from 0 to 1. Numbered ports are in numeric order. The file
 * does not say where named ones are: they are in the order of what they lead to, so that edges don't cross.
 * `ends`: node, port, and the height of the other end.
 */
function portHeights(
  ends: readonly [string, string | null, number][],
): (id: string, port: string | null) => number {
  const ports = new Map<string, Map<string, number>>();
  for (const [id, port, other] of ends) {
    const known = ports.get(id) ?? new Map<string, number>();
    ports.set(id, known.set(port ?? '', Math.min(other, known.get(port ?? '') ?? Infinity)));
  }
  const heights = new Map<string, Map<string, number>>();
  for (const [id, others] of ports) {
    const sorted = [...others.keys()].sort(numeric.compare);
    if (!sorted.every((name) => NUMBERED.test(name)))
      sorted.sort((a, b) => (others.get(a) ?? 0) - (others.get(b) ?? 0));
    heights.set(id, new Map(sorted.map((name, index) => [name, (index + 1) / (sorted.length + 1)])));
  }
  return (id, port) => heights.get(id)?.get(port ?? '') ?? 0.5;
}

function standOverEachOther(a: Box, b: Box): boolean {
  const shared = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  return areApart(a, b) && shared > Math.min(a.width, b.width) / 2;
}

function areApart(a: Box, b: Box): boolean {
  return a.y + a.height <= b.y || b.y + b.height <= a.y;
}

/** n8n hangs an agent's model, memory and tools (ports `ai_…`) below it, whatever stands next to what. */
function hangsBelow(a: Box, b: Box, port: string | null): boolean {
  return areApart(a, b) && port?.startsWith('ai_') === true;
}

/** Out to the right, around what stands between, below or above it, back to the left and in. */
function back(
  from: Point,
  to: Point,
  ends: readonly [source: Box, target: Box],
  ceiling: number,
  corridors: Corridors,
  detours: Detours,
): EdgePath {
  const lower = Math.max(...ends.map(({ y, height }) => y + height));
  const upper = Math.min(...ends.map(({ y }) => y));
  const y = corridors.around([to.x - TURN, from.x + TURN], [upper, lower], ceiling);
  const [below, under] = [
    { x: from.x, y },
    { x: to.x, y },
  ];
  const out = detours.turn((turn) => level(from, below, turn, -turn), ends);
  const back = detours.turn((turn) => level(under, to, -turn, turn), ends);
  const path = pathOf([out, line(below, under), back], 1);
  const xs = [out, back].flat().map(({ x }) => x);
  const ys = [from.y, to.y, y];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return {
    ...path,
    extent: { x: left, y: top, width: Math.max(...xs) - left, height: Math.max(...ys) - top },
  };
}

/** Straight, or around what stands between where that meets fewer boxes. */
function column(source: Box, target: Box, sideways: Corridors, detours: Detours): EdgePath {
  const straight = upright(source, target);
  const met = detours.met([straight], [source, target]);
  if (met === 0) return pathOf([straight]);
  const { curves, extent } = uprightAround(source, target, sideways);
  if (detours.met(curves, [source, target]) >= met) return pathOf([straight]);
  return { ...pathOf(curves, 1), extent };
}

/** Above the box, or below it where there is no room above. */
function loop(box: Box, ceiling: number): EdgePath {
  const up = box.y - LOOP >= ceiling;
  const y = up ? box.y : box.y + box.height;
  const away = up ? -1 : 1;
  const from = { x: box.x + box.width * 0.75, y };
  const to = { x: box.x + box.width * 0.25, y: y + away * HEAD };
  const far = y + away * LOOP;
  const path = pathOf([[from, { x: from.x + 20, y: far }, { x: to.x - 20, y: far }, to]]);
  return { ...path, extent: { x: to.x, y: Math.min(y, far), width: from.x - to.x, height: LOOP } };
}

/** Straight from point to point, as the editor draws it through its reroutes. */
function throughPoints(points: readonly Point[]): EdgePath {
  const marks = points.slice(1).map((end, index) => {
    const start = points[index] ?? end;
    return { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
  });
  return { d: `M${points.map(text).join('L')}`, marks };
}
