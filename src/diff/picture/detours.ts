import type { Box } from './auto-layout';
import { BoxGrid } from './box-grid';
import { level, line, pathOf, pointsOn, type Cubic, type EdgePath, type Point } from './curves';

/** Free height between a box and an edge that runs along it, and between two such edges. */
const CLEARANCE = 10;
const LANE = 6;
const LANES = 3;
/** Ways around boxes that are tried for one edge. */
const MAX_TRIES = 12;
/** Points of curves that are looked at for one picture; edges after that keep their usual curve. */
const MAX_POINTS = 100_000;
/** An edge with more boxes than this in its way is not led around them: there is no short way. */
const MAX_IN_THE_WAY = 8;
/** An edge that goes around boxes turns within such a width next to its ends. */
const MIN_TURN = 16;
const MAX_TURN = 60;

/** How far an edge that goes back leaves the side of a box, and how far it may, to pass others. */
export const TURN = 26;
const TURNS = [TURN, 40, 56, 74, 94, 120];

type Turns = readonly [atStart: number, atEnd: number];

/** A way from one box to another: its curves, and which of them carries the mark. */
interface Way {
  curves: Cubic[];
  marked: number;
  /** Where it runs, when it goes around boxes. */
  around?: { at: number; turns: Turns };
}

/** Leads edges that run from left to right around the boxes between their ends. */
export class Detours {
  private readonly grid: BoxGrid;
  private readonly lanes = new Map<number, number>();
  private points = 0;

  constructor(obstacles: readonly Box[]) {
    this.grid = new BoxGrid(obstacles);
  }

  /** The usual curve where nothing is in its way; else the way with the fewest boxes on it, the nearest of these. */
  sideways(from: Point, to: Point, ends: readonly Box[]): EdgePath {
    const reach = Math.min(160, Math.max(20, (to.x - from.x) / 2));
    let best: Way = { curves: [level(from, to, reach)], marked: 0 };
    const inTheWay = this.boxesOn(best, ends);
    let least = inTheWay.size;
    const ways = least === 0 || least > MAX_IN_THE_WAY ? [] : waysAround(from, to, inTheWay);
    for (const way of ways) {
      if (least === 0 || this.points > MAX_POINTS) break;
      const met = this.boxesOn(way, ends);
      if (met.size < least) [best, least] = [way, met.size];
      // What is met on the way around may have to be gone around, too.
      const more = [...met].filter((box) => !inTheWay.has(box));
      for (const box of more) inTheWay.add(box);
      if (more.length > 0 && ways.length < MAX_TRIES) ways.push(...around(from, to, inTheWay, new Set(more)));
    }
    return this.drawn(best, from, to);
  }

  /** A turn next to a box: the narrowest one with nothing in its way, else the usual one. */
  turn(curveOf: (turn: number) => Cubic, ends: readonly Box[]): Cubic {
    const free = TURNS.find((turn) => this.met([curveOf(turn)], ends) === 0);
    return curveOf(free ?? TURN);
  }

  /** How many boxes are on the curves, as far as that was looked at. */
  met(curves: Cubic[], ends: readonly Box[]): number {
    return this.boxesOn({ curves, marked: 0 }, ends).size;
  }

  /** None, when enough points were looked at. */
  private boxesOn({ curves }: Way, ends: readonly Box[]): Set<Box> {
    if (this.points > MAX_POINTS) return new Set();
    const points = curves.flatMap(pointsOn);
    this.points += points.length;
    return this.grid.at(points, ends, MAX_IN_THE_WAY);
  }

  /** Edges that run at one height run next to each other. */
  private drawn({ curves, marked, around }: Way, from: Point, to: Point): EdgePath {
    if (around === undefined) return pathOf(curves, marked);
    const { at, turns } = around;
    const taken = this.lanes.get(Math.round(at)) ?? 0;
    this.lanes.set(Math.round(at), taken + 1);
    const up = at < (from.y + to.y) / 2;
    const y = at + (up ? -1 : 1) * (taken % LANES) * LANE;
    const extent = { x: from.x, y: Math.min(y, from.y, to.y), width: to.x - from.x, height: 0 };
    extent.height = Math.max(y, from.y, to.y) - extent.y;
    return { ...pathOf(along(from, to, y, turns), marked), extent };
  }
}

/** First with its bend near an end, then above or below what is in the way. */
function waysAround(from: Point, to: Point, inTheWay: ReadonlySet<Box>): Way[] {
  const width = to.x - from.x;
  const [short, long] = [Math.min(MAX_TURN, width * 0.2), Math.max(20, width - MAX_TURN)];
  return [
    { curves: [level(from, to, short, long)], marked: 0 },
    { curves: [level(from, to, long, short)], marked: 0 },
    ...around(from, to, inTheWay, inTheWay),
  ];
}

/** Above and below each of `boxes`, the smallest detour first. */
function around(from: Point, to: Point, inTheWay: ReadonlySet<Box>, boxes: ReadonlySet<Box>): Way[] {
  const turns = turnsBefore(from, to, inTheWay);
  const detour = (y: number): number => Math.abs(y - from.y) + Math.abs(y - to.y);
  const heights = [...boxes].flatMap(({ y, height }) => [y - CLEARANCE, y + height + CLEARANCE]);
  return [...new Set(heights)]
    .sort((a, b) => detour(a) - detour(b))
    .map((at): Way => ({ curves: along(from, to, at, turns), marked: 1, around: { at, turns } }));
}

/** How wide the turns at both ends may be, so that they end before the boxes. */
function turnsBefore(from: Point, to: Point, boxes: ReadonlySet<Box>): Turns {
  const most = Math.min(MAX_TURN, (to.x - from.x) / 3);
  const fitting = (room: number): number => Math.max(MIN_TURN, Math.min(most, room - CLEARANCE / 2));
  const beyond = [...boxes].filter(({ x, width }) => x > from.x && x + width < to.x);
  return [
    fitting(Math.min(...beyond.map(({ x }) => x - from.x))),
    fitting(Math.min(...beyond.map(({ x, width }) => to.x - x - width))),
  ];
}

/** To the height, along it, and from there to the end. */
function along(from: Point, to: Point, y: number, [first, last]: Turns): Cubic[] {
  const [one, two] = [
    { x: from.x + first, y },
    { x: to.x - last, y },
  ];
  return [level(from, one, first / 2), line(one, two), level(two, to, last / 2)];
}
