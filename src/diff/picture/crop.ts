import type { Box } from './auto-layout';
import type { SceneNode } from './scene';

/** A difference on a sheet longer than this is drawn where it is, with this much around it. */
const LARGE = 3_200;
const AROUND = 500;

/**
 * The boxes of a large sheet that are worth drawing in a difference: those near a change, and of unchanged frames the
 * part that is. All where the sheet is not large, or where nothing on it changed.
 */
export function nearChanges(
  items: readonly SceneNode[],
  boxes: ReadonlyMap<string, Box>,
  touched: ReadonlySet<string>,
): Map<string, Box> | undefined {
  const all = boundsOf([...boxes.values()]);
  if (Math.max(all.width, all.height) <= LARGE) return undefined;
  const changed = items.filter(({ node, state }) => state !== 'same' || touched.has(node.id));
  const region = boundsOf(changed.flatMap(({ node }) => boxes.get(node.id) ?? []));
  if (changed.length === 0) return undefined;
  const wide = {
    x: region.x - AROUND,
    y: region.y - AROUND,
    width: region.width + 2 * AROUND,
    height: region.height + 2 * AROUND,
  };
  const whole = new Set(changed.map(({ node }) => node.id));
  const frames = items.filter(({ node }) => node.role === 'frame' && !whole.has(node.id));
  const near = new Map([...boxes].filter(([, box]) => meets(box, wide)));
  for (const { node } of frames) {
    const box = near.get(node.id);
    if (box !== undefined) near.set(node.id, shared(box, wide));
  }
  return near;
}

function meets(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function shared(a: Box, b: Box): Box {
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  return {
    x,
    y,
    width: Math.min(a.x + a.width, b.x + b.width) - x,
    height: Math.min(a.y + a.height, b.y + b.height) - y,
  };
}

/** The smallest box round some; at 0, 0 without extent for none. */
export function boundsOf(boxes: readonly Box[]): Box {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y, width, height } of boxes) {
    bounds.left = Math.min(bounds.left, x);
    bounds.top = Math.min(bounds.top, y);
    bounds.right = Math.max(bounds.right, x + width);
    bounds.bottom = Math.max(bounds.bottom, y + height);
  }
  if (boxes.length === 0) return { x: 0, y: 0, width: 0, height: 0 };
  return {
    x: bounds.left,
    y: bounds.top,
    width: bounds.right - bounds.left,
    height: bounds.bottom - bounds.top,
  };
}
