import type { GraphNode, Point } from '../dialects/graph';
import { autoLayout, type Box } from './auto-layout';
import { boxSize, scaleOf, type Scale } from './box-size';
import { fallUp } from './fall-up';
import { makeRoom } from './make-room';
import type { Scene, SceneNode, State } from './scene';

/** A tab, subflow or folded row with its label, drawn below the one before it. */
export interface PlacedSheet {
  label: string;
  state: State;
  y: number;
}

/** Where everything goes, in the picture's units (about a pixel each), from 0 to width and height. */
export interface Placement {
  boxes: Map<string, Box>;
  /** The old places of moved nodes. */
  ghosts: Map<string, Box>;
  sheets: PlacedSheet[];
  width: number;
  height: number;
  /** Some nodes have no place in the file, or none that fits a picture. */
  laidOut: boolean;
}

/** The room that a sheet's label takes. */
export const SHEET_LABEL_HEIGHT = 36;

const SHEET_GAP = 32;
const GRID_GAP = 16;
const MIN_GRID_WIDTH = 900;

/** A sheet that is larger or emptier than this is laid out anew: at its own places nothing could be read. */
const MAX_EXTENT = 40_000;
const MAX_EMPTINESS = 3_000;

/** More steps than this up a chain of nodes inside nodes is a cycle. */
const MAX_CHAIN = 50;

/**
 * Gives each node of the scene its box: at its own place, scaled so that the boxes can be read; where a
 * sheet has no places, laid out along its edges. Sheets stand below each other.
 */
export function placeScene(scene: Scene): Placement {
  const placement: Placement = {
    boxes: new Map(),
    ghosts: new Map(),
    sheets: [],
    width: 0,
    height: 0,
    laidOut: false,
  };
  const placer = new SheetPlacer(scene);
  for (const sheet of sheetsOf(scene)) addSheet(placement, sheet, placer.place(sheet.nodes));
  return placement;
}

interface Sheet {
  label?: string;
  state: State;
  nodes: SceneNode[];
}

/** The nodes on no sheet first, then the sheets in the file's order, then the settings. */
function sheetsOf(scene: Scene): Sheet[] {
  const main: Sheet = { state: 'plain', nodes: [] };
  const settings: Sheet = { label: 'Configuration nodes', state: 'plain', nodes: [] };
  const sheets = new Map<string, Sheet>();
  for (const { node, state } of scene.nodes) {
    if (node.role === 'sheet') sheets.set(node.id, { label: node.name, state, nodes: [] });
  }
  for (const item of scene.nodes) {
    if (item.node.role === 'sheet') continue;
    if (item.node.role === 'setting') settings.nodes.push(item);
    else (sheets.get(item.node.sheet ?? '') ?? main).nodes.push(item);
  }
  return [main, ...sheets.values(), settings].filter(
    (sheet) => sheet.nodes.length > 0 || (sheet !== main && sheet !== settings),
  );
}

/** The boxes of one sheet; its top left corner is not yet at 0, 0. */
interface PlacedNodes {
  boxes: Map<string, Box>;
  ghosts: Map<string, Box>;
  laidOut: boolean;
}

class SheetPlacer {
  private readonly nodes: Map<string, GraphNode>;
  private readonly scale: Scale;

  constructor(private readonly scene: Scene) {
    this.nodes = new Map(scene.nodes.map(({ node }) => [node.id, node]));
    this.scale = scaleOf(scene);
  }

  place(items: readonly SceneNode[]): PlacedNodes {
    const boxes = new Map(items.flatMap(({ node }) => this.entry(node)));
    if (boxes.size === 0 || isLost([...boxes.values()])) return this.layOut(items);
    const ghosts = new Map(
      items.flatMap(({ node, old }) => (old?.sheet === node.sheet && old ? this.entry(old, node) : [])),
    );
    const rest = items.filter(({ node }) => !boxes.has(node.id));
    this.addGrid(boxes, rest);
    makeRoom(items, boxes);
    if (this.scene.dialect === 'grafana') return { boxes: fallUp(boxes), ghosts: new Map(), laidOut: false };
    return { boxes, ghosts, laidOut: rest.some(({ node }) => node.role !== 'setting') };
  }

  private layOut(items: readonly SceneNode[]): PlacedNodes {
    const linked = new Set(this.scene.edges.flatMap(({ source, target }) => [source, target]));
    const flow = items.filter(({ node }) => linked.has(node.id) && node.role === undefined);
    const sized = flow.map(({ node }) => ({ id: node.id, ...boxSize(node, this.scale) }));
    const boxes = autoLayout(sized, this.scene.edges);
    this.addGrid(
      boxes,
      items.filter(({ node }) => !boxes.has(node.id)),
    );
    return { boxes, ghosts: new Map(), laidOut: items.some(({ node }) => node.role !== 'setting') };
  }

  private entry(node: GraphNode, sizedLike = node): [string, Box][] {
    const place = this.absolute(node);
    if (place === undefined) return [];
    const size = boxSize({ ...sizedLike, ...(node.size && { size: node.size }) }, this.scale);
    const x = place.x * this.scale.x;
    const y = place.y * this.scale.y;
    if (node.anchor !== 'centre') return [[sizedLike.id, { x, y, ...size }]];
    return [[sizedLike.id, { x: x - size.width / 2, y: y - size.height / 2, ...size }]];
  }

  /** The node's place on its sheet: its own, and that of each node it stands in. */
  private absolute(node: GraphNode): Point | undefined {
    if (node.position === undefined) return undefined;
    const place = { ...node.position };
    let outer = this.nodes.get(node.within ?? '');
    for (let steps = 0; outer?.position !== undefined && steps < MAX_CHAIN; steps++) {
      place.x += outer.position.x;
      place.y += outer.position.y;
      outer = this.nodes.get(outer.within ?? '');
    }
    return place;
  }

  /** Puts nodes without a place in rows below the others. */
  private addGrid(boxes: Map<string, Box>, items: readonly SceneNode[]): void {
    const bounds = boundsOf([...boxes.values()]);
    const right = bounds.x + Math.max(bounds.width, MIN_GRID_WIDTH);
    let { x } = bounds;
    let y = boxes.size === 0 ? 0 : bounds.y + bounds.height + 2 * GRID_GAP;
    let rowHeight = 0;
    for (const { node } of items) {
      const size = boxSize(node, this.scale);
      if (x > bounds.x && x + size.width > right) {
        x = bounds.x;
        y += rowHeight + GRID_GAP;
        rowHeight = 0;
      }
      boxes.set(node.id, { x, y, ...size });
      x += size.width + GRID_GAP;
      rowHeight = Math.max(rowHeight, size.height);
    }
  }
}

function isLost(boxes: readonly Box[]): boolean {
  const { width, height } = boundsOf(boxes);
  const filled = boxes.reduce((sum, box) => sum + box.width * box.height, 0);
  return !(Math.max(width, height) <= MAX_EXTENT && width * height <= filled * MAX_EMPTINESS);
}

function boundsOf(boxes: readonly Box[]): Box {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y, width, height } of boxes) {
    bounds.left = Math.min(bounds.left, x);
    bounds.top = Math.min(bounds.top, y);
    bounds.right = Math.max(bounds.right, x + width);
    bounds.bottom = Math.max(bounds.bottom, y + height);
  }
  if (boxes.length === 0) return { x: 0, y: 0, width: 0, height: 0 };
  return {
    x: bounds.left,
    y: bounds.top,
    width: bounds.right - bounds.left,
    height: bounds.bottom - bounds.top,
  };
}

function addSheet(placement: Placement, sheet: Sheet, placed: PlacedNodes): void {
  const bounds = boundsOf([...placed.boxes.values(), ...placed.ghosts.values()]);
  const top = placement.height + (placement.height > 0 ? SHEET_GAP : 0);
  if (sheet.label !== undefined) placement.sheets.push({ label: sheet.label, state: sheet.state, y: top });
  const contentTop = top + (sheet.label === undefined ? 0 : SHEET_LABEL_HEIGHT);
  const shift = (box: Box): Box => ({ ...box, x: box.x - bounds.x, y: box.y - bounds.y + contentTop });
  for (const [id, box] of placed.boxes) placement.boxes.set(id, shift(box));
  for (const [id, box] of placed.ghosts) placement.ghosts.set(id, shift(box));
  placement.width = Math.max(placement.width, bounds.width);
  placement.height = contentTop + bounds.height;
  placement.laidOut ||= placed.laidOut;
}
