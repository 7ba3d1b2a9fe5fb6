import type { Box } from './auto-layout';
import { boundsOf } from './crop';
import type { SceneNode } from './scene';

const AROUND = 14;
const LABEL = 24;

/** Gives frames whose file says no size the one that holds their members, inner frames first. Changes `boxes`. */
export function sizeFrames(items: readonly SceneNode[], boxes: Map<string, Box>): void {
  const members = new Map<string, string[]>();
  for (const { node } of items) {
    for (const holder of new Set([...(node.containers ?? []), node.within ?? ''])) {
      const known = members.get(holder);
      if (known === undefined) members.set(holder, [node.id]);
      else known.push(node.id);
    }
  }
  const open = items.filter(
    ({ node }) => node.role === 'frame' && node.size === undefined && node.measured === undefined,
  );
  // From the last to the first: files list what holds before what is held.
  for (const { node } of open.toReversed()) {
    const inside = (members.get(node.id) ?? []).flatMap((id) => boxes.get(id) ?? []);
    if (inside.length === 0) continue;
    const { x, y, width, height } = boundsOf(inside);
    boxes.set(node.id, {
      x: x - AROUND,
      y: y - LABEL,
      width: width + 2 * AROUND,
      height: height + LABEL + AROUND,
    });
  }
}
