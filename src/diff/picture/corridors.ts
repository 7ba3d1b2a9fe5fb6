import type { Box } from './auto-layout';

/** Free height that an edge needs to run between boxes. */
const CLEARANCE = 12;
/** A drawing of this many boxes is not searched for more edges that go back than this. */
const MAX_LOOKS = 2_000_000;
/** Edges that go back to one place run next to each other. */
const LANE = 7;

/** How much nearer the way above must be, so that an edge that goes back does not take the one below. */
const WORTH_GOING_UP = 2;

type Span = readonly [number, number];

/** Finds where edges can run below boxes, or above them. */
export class Corridors {
  private looks = 0;
  private readonly lanes = new Map<string, number>();

  constructor(private readonly boxes: readonly Box[]) {}

  /**
   * The least height below `lower` at which nothing stands between `left` and `right`, or the one above `upper` where
   * that is much nearer and below `top`. O(boxes) for each step.
   */
  around([left, right]: Span, [upper, lower]: Span, top: number): number {
    const between = this.between(left, right);
    const below = freeBelow(between, lower);
    const above = -freeBelow(
      between.map(upsideDown).sort((a, b) => a.y - b.y),
      -upper,
    );
    if (above < top) return this.lane(below, 1);
    return (upper - above) * WORTH_GOING_UP < below - lower ? this.lane(above, -1) : this.lane(below, 1);
  }

  private lane(height: number, away: 1 | -1): number {
    const lane = `${Math.round(height)}`;
    const taken = this.lanes.get(lane) ?? 0;
    this.lanes.set(lane, taken + 1);
    return height + away * (taken % 4) * LANE;
  }

  /** The boxes there, from the top down, so that one pass finds the free height. */
  private between(left: number, right: number): Box[] {
    this.looks += this.boxes.length;
    if (this.looks > MAX_LOOKS) return [];
    return this.boxes.filter((box) => box.x < right && left < box.x + box.width).sort((a, b) => a.y - b.y);
  }
}

function freeBelow(boxes: readonly Box[], y: number): number {
  let free = y + CLEARANCE + 4;
  for (const box of boxes) {
    if (box.y - CLEARANCE < free && free < box.y + box.height + CLEARANCE)
      free = box.y + box.height + CLEARANCE;
  }
  return free;
}

function upsideDown(box: Box): Box {
  return { ...box, y: -box.y - box.height };
}
