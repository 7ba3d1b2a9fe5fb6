import type { Box } from './auto-layout';
import { boundsOf } from './crop';
import type { SceneNode } from './scene';

const AROUND = 14;
const LABEL = 24;

/** More steps than this up a chain of nodes inside nodes is a cycle. */
const MAX_CHAIN = 50;

/** In how many of the frames each frame is. */
export function depthsOf(frames: readonly SceneNode[]): Map<string, number> {
  const byId = new Map(frames.map(({ node }) => [node.id, node]));
  const outerOf = ({ containers, within }: SceneNode['node']): SceneNode['node'] | undefined =>
    byId.get(containers?.[0] ?? '') ?? byId.get(within ?? '');
  const depth = ({ node }: SceneNode): number => {
    let steps = 0;
    for (let outer = outerOf(node); outer !== undefined && steps < MAX_CHAIN; steps++) outer = outerOf(outer);
    return steps;
  };
  return new Map(frames.map((frame) => [frame.node.id, depth(frame)]));
}

/**
 * Gives frames whose file says no size the one that holds their members, inner frames first. `all`: the members stand
 * where the file does not say, and so do all frames. Changes `boxes`.
 */
export function sizeFrames(items: readonly SceneNode[], boxes: Map<string, Box>, all = false): void {
  const members = new Map<string, string[]>();
  for (const { node } of items) {
    for (const holder of new Set([...(node.containers ?? []), node.within ?? ''])) {
      const known = members.get(holder);
      if (known === undefined) members.set(holder, [node.id]);
      else known.push(node.id);
    }
  }
  const frames = items.filter(({ node }) => node.role === 'frame');
  const depths = depthsOf(frames);
  const open = frames.filter(
    ({ node }) => all || node.openSize || (node.size === undefined && node.measured === undefined),
  );
  for (const { node } of open.sort((a, b) => (depths.get(b.node.id) ?? 0) - (depths.get(a.node.id) ?? 0))) {
    const inside = (members.get(node.id) ?? []).flatMap((id) => boxes.get(id) ?? []);
    if (inside.length === 0) continue;
    const own = node.openSize && !all ? (boxes.get(node.id) ?? []) : [];
    boxes.set(node.id, boundsOf([around(boundsOf(inside))].concat(own)));
  }
}

function around({ x, y, width, height }: Box): Box {
  return { x: x - AROUND, y: y - LABEL, width: width + 2 * AROUND, height: height + LABEL + AROUND };
}
