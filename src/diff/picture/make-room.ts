import type { Box } from './auto-layout';
import type { SceneNode } from './scene';

const GAP = 8;

/** Where a box may go, in its own widths and heights: the nearest first, over each other before side by side. */
const PLACES: ReadonlyArray<readonly [across: number, down: number]> = [
  [0, 0],
  ...[1, 2, 3, 4, 5, 6].flatMap((step): Array<[number, number]> => [
    [0, step],
    [0, -step],
    [1, step - 1],
    [-1, step - 1],
    [1, 1 - step],
    [-1, 1 - step],
  ]),
];

/** No more comparisons than this are spent on finding room; then boxes are only shifted a little. */
const MAX_COMPARISONS = 2_000_000;

/**
 * Moves the boxes of removed nodes aside where a present node covers them: users often put a new node in the
 * place of the one it replaces, and both must be visible. Changes `boxes`.
 */
export function makeRoom(items: readonly SceneNode[], boxes: Map<string, Box>): void {
  const isFree = (item: SceneNode): boolean => item.node.role === undefined && item.state !== 'removed';
  const taken = items.filter(isFree).flatMap(({ node }) => boxes.get(node.id) ?? []);
  let left = MAX_COMPARISONS;
  for (const { node } of items.filter(({ state, node }) => state === 'removed' && node.role === undefined)) {
    const box = boxes.get(node.id);
    if (box === undefined) continue;
    left -= taken.length * PLACES.length;
    const room = left > 0 ? roomFor(box, taken) : besides(box, GAP, GAP);
    boxes.set(node.id, room);
    taken.push(room);
  }
}

function roomFor(box: Box, taken: readonly Box[]): Box {
  const down = box.height + GAP;
  const across = box.width + GAP;
  const places = PLACES.map(([x, y]) => besides(box, x * across, y * down));
  return (
    places.find((place) => !taken.some((other) => overlap(place, other))) ?? besides(box, 2 * GAP, 2 * GAP)
  );
}

function besides(box: Box, x: number, y: number): Box {
  return { ...box, x: box.x + x, y: box.y + y };
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
