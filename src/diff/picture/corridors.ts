import type { Box } from './auto-layout';

/** Free height that an edge needs to run between boxes. */
const CLEARANCE = 12;
/** A drawing of this many boxes is not searched for more edges that go back than this. */
const MAX_LOOKS = 2_000_000;
/** Edges that go back to one place run next to each other. */
const LANE = 7;

/** Finds where edges can run below boxes. */
export class Corridors {
  private looks = 0;
  private readonly lanes = new Map<string, number>();

  constructor(private readonly boxes: readonly Box[]) {}

  /** The least height below `y` at which nothing stands between `left` and `right`. O(boxes) for each step down. */
  below(left: number, right: number, y: number): number {
    let free = y + CLEARANCE + 4;
    const between = this.between(left, right);
    for (const box of between) {
      if (box.y - CLEARANCE < free && free < box.y + box.height + CLEARANCE)
        free = box.y + box.height + CLEARANCE;
    }
    const lane = `${Math.round(free)}`;
    const taken = this.lanes.get(lane) ?? 0;
    this.lanes.set(lane, taken + 1);
    return free + (taken % 4) * LANE;
  }

  /** The boxes there, from the top down, so that one pass finds the free height. */
  private between(left: number, right: number): Box[] {
    this.looks += this.boxes.length;
    if (this.looks > MAX_LOOKS) return [];
    return this.boxes.filter((box) => box.x < right && left < box.x + box.width).sort((a, b) => a.y - b.y);
  }
}
