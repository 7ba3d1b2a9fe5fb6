import type { Box } from './auto-layout';
import { boundsOf } from './crop';
import type { SceneNode } from './scene';

const APART = 60;
const GAP = 16;

/** Puts ports without a place where their sheet begins and ends: inputs to the left of it, outputs to the right. */
export function placePorts(
  boxes: Map<string, Box>,
  items: readonly SceneNode[],
  sizeOf: (item: SceneNode) => { width: number; height: number },
): void {
  const bounds = boundsOf([...boxes.values()]);
  const next = { left: bounds.y, right: bounds.y };
  for (const item of items) {
    const size = sizeOf(item);
    const side = / inputs?$/.test(item.node.type) ? 'left' : 'right';
    const x = side === 'left' ? bounds.x - APART - size.width : bounds.x + bounds.width + APART;
    boxes.set(item.node.id, { x, y: next[side], ...size });
    next[side] += size.height + GAP;
  }
}
