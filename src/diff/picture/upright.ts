import type { Box } from './auto-layout';
import type { Corridors } from './corridors';
import { line, type Cubic, type Point } from './curves';

/** Room for the arrow's head before the box. */
export const HEAD = 3;
const BEND = 20;

/** A way around boxes, and what it takes beyond them. */
interface Around {
  curves: Cubic[];
  extent: Box;
}

/** Between boxes that stand over each other, from the lower side to the upper side. */
export function upright(source: Box, target: Box): Cubic {
  const down = source.y < target.y;
  const from = { x: source.x + source.width / 2, y: down ? source.y + source.height : source.y };
  const to = { x: target.x + target.width / 2, y: down ? target.y - HEAD : target.y + target.height + HEAD };
  const reach = (to.y - from.y) / 2;
  return [from, { x: from.x, y: from.y + reach }, { x: to.x, y: to.y - reach }, to];
}

/** Around what stands between them: out of one side, along free space, and in at the same side. */
export function uprightAround(source: Box, target: Box, turned: Corridors): Around {
  const ends = [source, target];
  const [left, right] = [
    Math.min(...ends.map(({ x }) => x)),
    Math.max(...ends.map(({ x, width }) => x + width)),
  ];
  const [start, end] = [middle(source), middle(target)];
  const span = [Math.min(start, end), Math.max(start, end)] as const;
  const x = turned.around(span, [left, right], -Infinity);
  const onRight = x > right;
  const from = { x: onRight ? source.x + source.width : source.x, y: start };
  const to = { x: onRight ? target.x + target.width + HEAD : target.x - HEAD, y: end };
  const bend = Math.sign(end - start) * Math.min(BEND, Math.abs(end - start) / 2);
  const [leaves, arrives] = [
    { x, y: start + bend },
    { x, y: end - bend },
  ];
  const curves = [corner(from, leaves), line(leaves, arrives), corner(to, arrives, true)];
  const extent = { x: Math.min(x, left), y: span[0], width: 0, height: span[1] - span[0] };
  extent.width = Math.max(x, right) - extent.x;
  return { curves, extent };
}

/** Boxes and corridors the other way round: what is below becomes what is to the right. */
export function turnedRound({ x, y, width, height }: Box): Box {
  return { x: y, y: x, width: height, height: width };
}

function middle({ y, height }: Box): number {
  return y + height / 2;
}

/** Level at the box, upright in free space. */
function corner(atBox: Point, free: Point, inward = false): Cubic {
  const control = { x: free.x, y: atBox.y };
  return inward ? [free, control, control, atBox] : [atBox, control, control, free];
}
