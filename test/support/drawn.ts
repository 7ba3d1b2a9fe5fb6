import type { Json } from '../../src/diff/json';
import { drawDiff, drawGraph } from '../../src/diff/picture/draw';

/** The box of a node, and where in the document it is drawn. */
export interface DrawnShape {
  at: number;
  classes: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

const bytes = (value: Json): Buffer => Buffer.from(JSON.stringify(value));

/** The picture of one version. */
export function picture(value: Json): string {
  return drawGraph(bytes(value));
}

/** The picture of what changed. */
export function difference(from: Json, to: Json): string {
  return drawDiff(bytes(from), bytes(to));
}

/** Fails when the node is not drawn. */
export function shapeOf(svg: string, id: string): DrawnShape {
  const pattern = new RegExp(
    `<g class="([^"]*)" data-node="${id}"[^>]*><title>[^<]*</title><rect x="(-?\\d+)" y="(-?\\d+)" width="(\\d+)" height="(\\d+)"`,
  );
  const found = pattern.exec(svg);
  if (found === null) throw new Error(`${id} is not drawn`);
  const [x = 0, y = 0, width = 0, height = 0] = found.slice(2).map(Number);
  return { at: found.index, classes: found[1] ?? '', x, y, width, height };
}

/** The middles of all marks. */
export function marksOf(svg: string): { x: number; y: number }[] {
  return [...svg.matchAll(/<circle cx="(-?\d+)" cy="(-?\d+)"/g)].map(([, x, y]) => ({
    x: Number(x),
    y: Number(y),
  }));
}

/** The texts that are drawn, without those shown when one points at a shape. */
export function textsOf(svg: string): string {
  return [...svg.replace(/<title>[^<]*/g, '').matchAll(/<text[^>]*>([^<]*)/g)]
    .map(([, text]) => text)
    .join('\n');
}
