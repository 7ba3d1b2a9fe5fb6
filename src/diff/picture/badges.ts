interface Point {
  x: number;
  y: number;
}

/** Marks are circles of radius 8; closer than this they cover each other. */
const APART = 18;

/** Places marks so that none covers another. */
export class Badges {
  private readonly cells = new Map<string, Point[]>();

  /** The first of the places that is free; when none is, below the first one. Takes it. */
  place(candidates: readonly Point[]): Point {
    const [first = { x: 0, y: 0 }] = candidates;
    const free = candidates.find((point) => this.isFree(point)) ?? this.below(first);
    const key = cellOf(free.x, free.y);
    this.cells.set(key, [...(this.cells.get(key) ?? []), free]);
    return free;
  }

  private below(point: Point): Point {
    for (let step = 1; step < 50; step++) {
      const lower = { x: point.x, y: point.y + step * APART };
      if (this.isFree(lower)) return lower;
    }
    return point;
  }

  private isFree({ x, y }: Point): boolean {
    for (const dx of [-APART, 0, APART]) {
      for (const dy of [-APART, 0, APART]) {
        const near = this.cells.get(cellOf(x + dx, y + dy)) ?? [];
        if (near.some((other) => Math.hypot(other.x - x, other.y - y) < APART)) return false;
      }
    }
    return true;
  }
}

function cellOf(x: number, y: number): string {
  return `${Math.floor(x / APART)} ${Math.floor(y / APART)}`;
}
