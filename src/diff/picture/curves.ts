import type { Box } from './auto-layout';

export interface Point {
  x: number;
  y: number;
}

/** An edge's curve, the points on it where its mark may go, best first, and what it takes beyond the boxes. */
export interface EdgePath {
  d: string;
  marks: Point[];
  extent?: Box;
}

/** A cubic Bézier curve: start, two control points, end. */
export type Cubic = readonly [Point, Point, Point, Point];

/** Where a mark goes on a curve, as parts of it. */
const MARK_PARTS = [0.5, 0.35, 0.65, 0.2, 0.8, 0.1, 0.9];
/** Distance between points that are looked at, and how many there are at most on one curve. */
const STEP = 12;
const MAX_STEPS = 160;

/** The path along curves that follow each other; the marks are on the one given, or the first. */
export function pathOf(curves: readonly Cubic[], marked = 0): EdgePath {
  const d = curves.map((cubic, index) => {
    const [from, one, two, to] = cubic;
    const start = index === 0 ? `M${text(from)}` : '';
    return from === one && two === to
      ? `${start}L${text(to)}`
      : `${start}C${text(one)} ${text(two)} ${text(to)}`;
  });
  const on = curves[marked];
  return { d: d.join(''), marks: on ? MARK_PARTS.map((part) => pointOn(on, part)) : [] };
}

/** Points along a curve, close enough that no box of usual size lies between two. */
export function pointsOn(cubic: Cubic): Point[] {
  const [from, , , to] = cubic;
  const steps = Math.min(MAX_STEPS, Math.max(8, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / STEP)));
  return Array.from({ length: steps + 1 }, (_, step) => pointOn(cubic, step / steps));
}

/** A straight line, as a curve. */
export function line(from: Point, to: Point): Cubic {
  return [from, from, to, to];
}

/** From left to right (or back), level at both ends; `reach`: how far it stays level. */
export function level(from: Point, to: Point, reach: number, endReach = reach): Cubic {
  return [from, { x: from.x + reach, y: from.y }, { x: to.x - endReach, y: to.y }, to];
}

export function text({ x, y }: Point): string {
  return `${Math.round(x)} ${Math.round(y)}`;
}

function pointOn([from, one, two, to]: Cubic, t: number): Point {
  const [a, b, c, e] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
  return {
    x: a * from.x + b * one.x + c * two.x + e * to.x,
    y: a * from.y + b * one.y + c * two.y + e * to.y,
  };
}
