import type { Box } from './auto-layout';
import type { SceneEdge } from './scene';

/** An edge's curve, and its middle, where its mark goes. */
export interface EdgePath {
  d: string;
  middle: { x: number; y: number };
}

interface End {
  x: number;
  y: number;
}

const numeric = new Intl.Collator('en', { numeric: true });

/** Room for the arrow's head before the box. */
const HEAD = 3;

/**
 * The curves of a scene's edges: out of the right side of the source into the left side of the target, each
 * port at its own height, as editors draw them; between boxes that stand over each other, from the lower
 * side to the upper side. Edges with an end that has no box have no path.
 */
export function edgePaths(
  edges: readonly SceneEdge[],
  boxes: ReadonlyMap<string, Box>,
): (EdgePath | undefined)[] {
  const outputs = portHeights(edges.map(({ source, source_port }) => [source, source_port]));
  const inputs = portHeights(edges.map(({ target, target_port }) => [target, target_port]));
  return edges.map((edge) => {
    const source = boxes.get(edge.source);
    const target = boxes.get(edge.target);
    if (source === undefined || target === undefined) return undefined;
    if (source === target) return loop(source);
    if (standOverEachOther(source, target, edge.source_port)) return upright(source, target);
    const from = {
      x: source.x + source.width,
      y: source.y + source.height * outputs(edge.source, edge.source_port),
    };
    const to = { x: target.x - HEAD, y: target.y + target.height * inputs(edge.target, edge.target_port) };
    return sideways(from, to);
  });
}

/** For each node and port how far down the side it sits, from 0 to 1; ports stand in their numeric order. */
function portHeights(ends: readonly [string, string | null][]): (id: string, port: string | null) => number {
  const ports = new Map<string, Set<string>>();
  for (const [id, port] of ends) {
    const known = ports.get(id);
    if (known === undefined) ports.set(id, new Set([port ?? '']));
    else known.add(port ?? '');
  }
  const heights = new Map<string, Map<string, number>>();
  for (const [id, names] of ports) {
    const sorted = [...names].sort(numeric.compare);
    heights.set(id, new Map(sorted.map((name, index) => [name, (index + 1) / (sorted.length + 1)])));
  }
  return (id, port) => heights.get(id)?.get(port ?? '') ?? 0.5;
}

/** n8n hangs an agent's model, memory and tools (ports `ai_…`) below it, whatever stands beside what. */
function standOverEachOther(a: Box, b: Box, port: string | null): boolean {
  const shared = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const apart = a.y + a.height <= b.y || b.y + b.height <= a.y;
  return apart && (shared > Math.min(a.width, b.width) / 2 || port?.startsWith('ai_') === true);
}

function sideways(from: End, to: End): EdgePath {
  const ahead = to.x - from.x;
  // Backwards the curve needs room to turn; editors give it more the further it goes back.
  const reach = ahead > 0 ? Math.min(160, Math.max(20, ahead / 2)) : Math.min(160, 50 - ahead / 4);
  return curve(from, { x: from.x + reach, y: from.y }, { x: to.x - reach, y: to.y }, to);
}

function upright(source: Box, target: Box): EdgePath {
  const down = source.y < target.y;
  const from = { x: source.x + source.width / 2, y: down ? source.y + source.height : source.y };
  const to = { x: target.x + target.width / 2, y: down ? target.y - HEAD : target.y + target.height + HEAD };
  const reach = (to.y - from.y) / 2;
  return curve(from, { x: from.x, y: from.y + reach }, { x: to.x, y: to.y - reach }, to);
}

function loop({ x, y, width }: Box): EdgePath {
  const from = { x: x + width * 0.75, y };
  const to = { x: x + width * 0.25, y: y - HEAD };
  return curve(from, { x: from.x + 20, y: y - 40 }, { x: to.x - 20, y: y - 40 }, to);
}

function curve(from: End, one: End, two: End, to: End): EdgePath {
  const points = [one, two, to].map(({ x, y }) => `${Math.round(x)} ${Math.round(y)}`);
  const middle = {
    x: (from.x + 3 * one.x + 3 * two.x + to.x) / 8,
    y: (from.y + 3 * one.y + 3 * two.y + to.y) / 8,
  };
  return { d: `M${Math.round(from.x)} ${Math.round(from.y)}C${points.join(' ')}`, middle };
}
