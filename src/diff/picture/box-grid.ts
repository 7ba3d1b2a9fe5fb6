import type { Box } from './auto-layout';
import type { Point } from './curves';

/** Side of a cell. */
const CELL = 200;
/** A box of more cells than this is kept apart, in a short list that is always looked at. */
const MAX_CELLS = 256;
const MAX_LARGE = 16;
/** More than the cells of a column; two cells with one number would only cost time. */
const COLUMN = 1_000_003;
/** Free room around a box, so that a line does not touch it. */
const MARGIN = 2;

const NONE: readonly Box[] = [];

/** Finds the box at a point, in constant time for boxes that lie apart. */
export class BoxGrid {
  private readonly cells = new Map<number, Box[]>();
  private readonly large: Box[] = [];

  constructor(boxes: readonly Box[]) {
    for (const box of boxes) this.add(box);
  }

  /** The boxes that the points lie in, without those of `ends`; of more than `most`, some. */
  at(points: readonly Point[], ends: readonly Box[], most = Infinity): Set<Box> {
    const found = new Set<Box>();
    for (const point of points) {
      for (const box of this.cells.get(cellOf(point.x, point.y)) ?? NONE)
        if (holds(box, point) && !ends.includes(box)) found.add(box);
      for (const box of this.large) if (holds(box, point) && !ends.includes(box)) found.add(box);
      if (found.size > most) break;
    }
    return found;
  }

  private add(box: Box): void {
    const [left, right] = [Math.floor(box.x / CELL), Math.floor((box.x + box.width) / CELL)];
    const [top, bottom] = [Math.floor(box.y / CELL), Math.floor((box.y + box.height) / CELL)];
    if ((right - left + 1) * (bottom - top + 1) > MAX_CELLS) {
      if (this.large.length < MAX_LARGE) this.large.push(box);
      return;
    }
    for (let column = left; column <= right; column++)
      for (let row = top; row <= bottom; row++) {
        const key = column * COLUMN + row;
        const cell = this.cells.get(key);
        if (cell) cell.push(box);
        else this.cells.set(key, [box]);
      }
  }
}

function cellOf(x: number, y: number): number {
  return Math.floor(x / CELL) * COLUMN + Math.floor(y / CELL);
}

function holds({ x, y, width, height }: Box, point: Point): boolean {
  return (
    point.x > x - MARGIN &&
    point.x < x + width + MARGIN &&
    point.y > y - MARGIN &&
    point.y < y + height + MARGIN
  );
}
