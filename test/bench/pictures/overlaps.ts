import type { Box, Shape, Shapes } from './shapes';

/** What lies on what, in one picture. */
export interface Overlaps {
  /** Nodes on nodes, notes on notes: a note is the background of the nodes that it is about. */
  'boxes on boxes': number;
  'labels on labels': number;
  /** A text and the box of a node that it does not belong to, whichever is in front. */
  'labels and foreign boxes': number;
  'labels beyond their box': number;
  'marks on marks': number;
  'marks on labels': number;
  /** Edges that run through a box which is neither end. */
  'edges through boxes': number;
  'shapes beyond the page': number;
}

/** Closer than this it cannot be seen, in units of the picture. */
const TOUCH = 1;

/** Counts each pair once. O(n²) in the boxes and texts that are near each other from left to right. */
export function overlapsIn({ shapes, width, height }: Shapes): Overlaps {
  const boxesOf = (wanted: Shape['kind']) =>
    shapes.filter(({ kind }) => kind === wanted).map((shape) => ({ shape, box: shape.box! }));
  const [boxes, notes] = [boxesOf('node'), boxesOf('note')];
  const texts = shapes.flatMap((shape) => shape.texts.map((box) => ({ shape, box })));
  const marks = shapes.flatMap((shape) =>
    [...shape.marks, ...(shape.kind === 'mark' && shape.box ? [shape.box] : [])].map((box) => ({
      shape,
      box,
    })),
  );
  return {
    'boxes on boxes': (pairs(boxes, boxes) + pairs(notes, notes)) / 2,
    'labels on labels': pairs(texts, texts) / 2,
    'labels and foreign boxes': pairs(texts, boxes),
    'labels beyond their box': texts.filter(({ shape, box }) => leaves(box, shape.box)).length,
    'marks on marks': pairs(marks, marks, true) / 2,
    'marks on labels': pairs(marks, texts, true),
    'edges through boxes': shapes.filter(({ kind }) => kind === 'edge').filter((edge) => crosses(edge, boxes))
      .length,
    'shapes beyond the page': shapes.filter((shape) => isOutside(shape, width, height)).length,
  };
}

interface Placed {
  shape: Shape;
  box: Box;
}

/** How many of the first lie on one of the second that belongs to another shape; `own` counts those of the same, too. */
function pairs(ones: readonly Placed[], others: readonly Placed[], own = false): number {
  let count = 0;
  for (const one of ones)
    for (const other of others)
      if (one !== other && (own || one.shape !== other.shape) && overlap(one.box, other.box)) count += 1;
  return count;
}

function overlap(a: Box, b: Box): boolean {
  return (
    a.x + TOUCH < b.x + b.width &&
    b.x + TOUCH < a.x + a.width &&
    a.y + TOUCH < b.y + b.height &&
    b.y + TOUCH < a.y + a.height
  );
}

function leaves(text: Box, box: Box | undefined): boolean {
  return box !== undefined && (text.x < box.x - TOUCH || text.x + text.width > box.x + box.width + TOUCH);
}

function crosses({ id, points }: Shape, boxes: readonly Placed[]): boolean {
  const foreign = boxes.filter(
    ({ shape }) =>
      shape.kind === 'node' && !id.startsWith(`${shape.id} > `) && !id.endsWith(` > ${shape.id}`),
  );
  return foreign.some(({ box }) =>
    points.some(
      ([x, y]) =>
        x > box.x + TOUCH &&
        x < box.x + box.width - TOUCH &&
        y > box.y + TOUCH &&
        y < box.y + box.height - TOUCH,
    ),
  );
}

function isOutside({ box, texts, points }: Shape, width: number, height: number): boolean {
  const out = (x: number, y: number) => x < -TOUCH || y < -TOUCH || x > width + TOUCH || y > height + TOUCH;
  return (
    [...(box ? [box] : []), ...texts].some(
      (part) => out(part.x, part.y) || out(part.x + part.width, part.y + part.height),
    ) || points.some(([x, y]) => out(x, y))
  );
}
