import type { Box } from './auto-layout';

const SEAM = 5;

/**
 * Moves boxes up until each touches one above it, as Grafana shows panels whatever gaps their `gridPos`
 * leaves (react-grid-layout's vertical compaction). O(n²) for n boxes on a sheet.
 */
export function fallUp(boxes: ReadonlyMap<string, Box>): Map<string, Box> {
  const sorted = [...boxes].sort(([, a], [, b]) => a.y - b.y || a.x - b.x);
  const fallen = new Map<string, Box>();
  for (const [id, box] of sorted) {
    let y = 0;
    for (const above of fallen.values()) {
      const under = above.x < box.x + box.width && box.x < above.x + above.width;
      if (under) y = Math.max(y, above.y + above.height + SEAM);
    }
    fallen.set(id, { ...box, y });
  }
  return fallen;
}
