import { counted } from './counted';
import type { GraphNode, Point } from '../dialects/graph';
import { autoLayout, type Box } from './auto-layout';
import { boxSize, scaleOf, type Scale } from './box-size';
import { boundsOf, nearChanges } from './crop';
import { sizeFrames } from './frame-members';
import { fallUp } from './fall-up';
import { makeRoom } from './make-room';
import { placePorts } from './place-ports';
import type { Scene, SceneNode, State } from './scene';
import { sheetsOf, type Sheet } from './sheets';

/** A tab, subflow or folded row with its label, drawn below the one before it. */
export interface PlacedSheet {
  id?: string;
  label: string;
  state: State;
  y: number;
  /** What is said behind the label. */
  more: string;
}

/** Where everything goes, in the picture's units (about a pixel each), from 0 to width and height. */
export interface Placement {
  boxes: Map<string, Box>;
  /** The old places of moved nodes. */
  ghosts: Map<string, Box>;
  sheets: PlacedSheet[];
  /** The sheet, by its number, on which each node is. */
  sheetOf: Map<string, number>;
  /** The height below the label of a node's sheet; the first sheet without a label may grow upward. */
  topOf: (id: string) => number;
  width: number;
  height: number;
  /** Some nodes have no place in the file, or none that fits a picture. */
  laidOut: boolean;
  /** How many unchanged nodes are too far from any change to be drawn. */
  far: number;
}

/** The room that a sheet's label takes. */
export const SHEET_LABEL_HEIGHT = 36;

/** Where the line below the label is. */
const RULE = 26;

/** Of a sheet that is one line. */
const FOLDED_HEIGHT = 28;
/** Edges that go back run below the boxes of their sheet. */
const SHEET_GAP = 48;
const GRID_GAP = 16;
const MIN_GRID_WIDTH = 900;

/** A sheet that is larger or emptier than this gets a new layout: with its own places, nothing would be readable. */
const MAX_EXTENT = 40_000;
const MAX_EMPTINESS = 3_000;

/** An old place further away than this from all that is there now is not drawn. */
const MAX_AWAY = 4_000;

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
    sheetOf: new Map(),
    topOf: () => -Infinity,
    width: 0,
    height: 0,
    laidOut: false,
    far: 0,
  };
  const placer = new SheetPlacer(scene);
  const tops: number[] = [];
  for (const [number, sheet] of sheetsOf(scene).entries()) {
    for (const { node } of sheet.nodes) placement.sheetOf.set(node.id, number);
    const top = placement.height;
    if (sheet.folded) addFolded(placement, sheet);
    else addSheet(placement, sheet, placer.place(sheet.nodes));
    tops.push(ceilingOf(sheet, top));
  }
  placement.topOf = (id) => tops[placement.sheetOf.get(id) ?? -1] ?? -Infinity;
  return placement;
}

/** Below the label of a sheet that begins after what ends at `top`, or half way to what is above it. */
function ceilingOf({ label }: Sheet, top: number): number {
  const gap = top > 0 ? SHEET_GAP : 0;
  if (label === undefined) return gap === 0 ? -Infinity : top + gap / 2;
  return top + gap + RULE;
}

/** The boxes of one sheet; its top left corner is not yet at 0, 0. */
interface PlacedNodes {
  boxes: Map<string, Box>;
  ghosts: Map<string, Box>;
  laidOut: boolean;
  far: number;
}

class SheetPlacer {
  private readonly nodes: Map<string, GraphNode>;
  private readonly scale: Scale;
  /** Nodes at the ends of edges that changed. */
  private readonly touched: ReadonlySet<string>;

  constructor(private readonly scene: Scene) {
    this.nodes = new Map(scene.nodes.map(({ node }) => [node.id, node]));
    this.scale = scaleOf(scene);
    const changed = scene.edges.filter(({ state }) => state !== 'same');
    this.touched = new Set(changed.flatMap(({ source, target }) => [source, target]));
  }

  place(items: readonly SceneNode[]): PlacedNodes {
    const boxes = new Map(items.flatMap(({ node }) => this.entry(node)));
    if (boxes.size === 0 || isLost([...boxes.values()])) return this.layOut(items);
    const ghosts = new Map(
      items.flatMap(({ node, old }) => (old?.sheet === node.sheet && old ? this.entry(old, node) : [])),
    );
    const rest = items.filter(({ node }) => !boxes.has(node.id));
    const isPort = ({ node }: SceneNode): boolean => node.role === 'port';
    placePorts(boxes, rest.filter(isPort), ({ node }) => boxSize(node, this.scale));
    this.addGrid(
      boxes,
      rest.filter((item) => !isPort(item)),
    );
    makeRoom(items, boxes);
    if (this.scene.dialect === 'grafana') {
      const fallen = fallUp(boxes);
      return { boxes: fallen, ghosts: new Map(), laidOut: false, far: this.crop(items, fallen, new Map()) };
    }
    sizeFrames(items, boxes);
    const far = this.crop(items, boxes, ghosts);
    return {
      boxes,
      ghosts,
      laidOut: rest.some(({ node }) => node.role === undefined || node.role === 'note'),
      far,
    };
  }

  /** Leaves out what is far from any change, and old places that no picture could show. */
  private crop(items: readonly SceneNode[], boxes: Map<string, Box>, ghosts: Map<string, Box>): number {
    if (!this.scene.isDiff) return 0;
    const bounds = boundsOf([...boxes.values()]);
    for (const [id, { x, y }] of ghosts) {
      const away = Math.max(
        bounds.x - x,
        x - bounds.x - bounds.width,
        bounds.y - y,
        y - bounds.y - bounds.height,
      );
      if (!(away < MAX_AWAY)) ghosts.delete(id);
    }
    const near = nearChanges(items, boxes, this.touched);
    if (near === undefined) return 0;
    const far = [...boxes.keys()].filter((id) => !near.has(id));
    for (const id of far) boxes.delete(id);
    for (const [id, box] of near) boxes.set(id, box);
    return far.length;
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
    sizeFrames(items, boxes, true);
    const far = this.crop(items, boxes, new Map());
    return { boxes, ghosts: new Map(), laidOut: items.some(({ node }) => node.role !== 'setting'), far };
  }

  private entry(node: GraphNode, sizedLike = node): [string, Box][] {
    const place = this.absolute(node);
    if (place === undefined) return [];
    const size = boxSize({ ...sizedLike, ...(node.size && { size: node.size }) }, this.scale);
    const x = place.x * this.scale.x;
    const y = place.y * this.scale.y;
    if (node.anchor !== 'centre' && node.role !== 'point') return [[sizedLike.id, { x, y, ...size }]];
    return [[sizedLike.id, { x: x - size.width / 2, y: y - size.height / 2, ...size }]];
  }

  /** The node's place on its sheet: its own, and that of each node that contains it. */
  private absolute(node: GraphNode): Point | undefined {
    const own = node.position ?? node.drawnAt;
    if (own === undefined) return undefined;
    const place = { ...own };
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

/** One line for a sheet on which nothing changed. */
function addFolded(placement: Placement, { id, label = '', state, shown, nodes }: Sheet): void {
  const y = placement.height + (placement.height > 0 ? SHEET_GAP / 2 : 0);
  const count = nodes.length === 0 ? [] : [`${counted(nodes.length, 'node')}, unchanged`];
  const more = [...shown, ...count].join(', ');
  placement.sheets.push({ label, state, y, more, ...(id !== undefined && { id }) });
  placement.height = y + FOLDED_HEIGHT;
}

function addSheet(placement: Placement, sheet: Sheet, placed: PlacedNodes): void {
  const bounds = boundsOf([...placed.boxes.values(), ...placed.ghosts.values()]);
  const top = placement.height + (placement.height > 0 ? SHEET_GAP : 0);
  const { id, label, state, shown } = sheet;
  const more = shown.join(', ');
  if (label !== undefined)
    placement.sheets.push({ label, state, y: top, more, ...(id !== undefined && { id }) });
  const contentTop = top + (sheet.label === undefined ? 0 : SHEET_LABEL_HEIGHT);
  const shift = (box: Box): Box => ({ ...box, x: box.x - bounds.x, y: box.y - bounds.y + contentTop });
  for (const [id, box] of placed.boxes) placement.boxes.set(id, shift(box));
  for (const [id, box] of placed.ghosts) placement.ghosts.set(id, shift(box));
  placement.width = Math.max(placement.width, bounds.width);
  placement.height = contentTop + bounds.height;
  placement.laidOut ||= placed.laidOut;
  placement.far += placed.far;
}
