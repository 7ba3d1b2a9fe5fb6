import type { GraphNode, Size } from '../dialects/graph';
import { widthOf } from './labels';
import type { Scene } from './scene';

/** How many of the picture's units one unit of the file becomes. */
export interface Scale {
  x: number;
  y: number;
}

/** The size of names in boxes; types are smaller. */
export const NAME_SIZE = 13;
export const TYPE_SIZE = 10.5;

const DEFAULT_HEIGHT = 40;
const MIN_WIDTH = 110;
const MAX_WIDTH = 180;
const SIDE_ROOM = 30;
const MIN_LENGTH = 16;
/** No box is longer than this, and no frame; what a file says beyond is no size that anybody chose. */
const MAX_LENGTH = 4_000;
const MAX_FRAME_LENGTH = 30_000;
/** A collapsed node is its title. */
const TITLE_HEIGHT = 26;
/** A note whose file says no size. */
const NOTE_SIZE = { width: 220, height: 100 };
/** A point through which an edge runs. */
const POINT = { width: 12, height: 12 };
const SEAM = 5;

/** A dashboard's grid cell is wide and low: 24 columns fill a screen, a row of cells is 30 pixels high there. */
const GRID_CELL: Scale = { x: 56, y: 24 };

/** Boxes with a size of their own are brought to about this width, at which names can be read. */
const READABLE_WIDTH = 180;

/** The free space that boxes of our size should have between them. */
const GAP = { x: 26, y: 14 };

/** With nodes sorted by place, the near ones of each are among this many that follow. */
const NEIGHBOURS = 60;

/** The share of nodes that get their free space; a few that lie on each other must not blow up the picture. */
const SATISFIED = 0.92;

/** The box of a node: its own extent, scaled, or one that suits its name. */
export function boxSize(node: GraphNode, scale: Scale): Size {
  if (node.role === 'point') return POINT;
  const own = node.size ?? node.measured;
  const { collapsed } = node;
  if (own !== undefined && !collapsed) {
    const most = node.role === 'frame' ? MAX_FRAME_LENGTH : MAX_LENGTH;
    const length = (value: number): number => Math.min(most, ownLength(value));
    return { width: length(own.width * scale.x), height: length(own.height * scale.y) };
  }
  if (node.role === 'note' && !collapsed) return NOTE_SIZE;
  const width = widthOf(node.name.slice(0, 60), NAME_SIZE) + SIDE_ROOM;
  return {
    width: Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width)),
    height: collapsed ? TITLE_HEIGHT : DEFAULT_HEIGHT,
  };
}

/** Boxes that touch in the file, such as a dashboard's panels, get a seam between them. */
function ownLength(length: number): number {
  return Math.max(length - SEAM, MIN_LENGTH);
}

/** The scale at which the scene's boxes can be read and do not lie on each other. */
export function scaleOf(scene: Scene): Scale {
  if (scene.dialect === 'grafana') return GRID_CELL;
  const nodes = scene.nodes
    .filter(
      ({ node, state }) => node.position !== undefined && node.role === undefined && state !== 'removed',
    )
    .map(({ node }) => node);
  const sizes = nodes.flatMap(({ size, measured }) => size ?? measured ?? []);
  const ownSized = sizes.length * 2 > nodes.length;
  const factor = ownSized
    ? clamp(
        READABLE_WIDTH /
          quantile(
            sizes.map(({ width }) => width),
            0.5,
          ),
        0.2,
        1,
      )
    : spreading(nodes);
  return { x: factor, y: factor };
}

function spreading(nodes: readonly GraphNode[]): number {
  const groups = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    const group = `${node.sheet ?? ''}\u0000${node.within ?? ''}`;
    groups.set(group, [...(groups.get(group) ?? []), node]);
  }
  const needs = [...groups.values()].flatMap(needsOf);
  return needs.length === 0 ? 1 : clamp(quantile(needs, SATISFIED), 0.3, 1.8);
}

/** For each node the scale at which it no longer touches a near one. */
function needsOf(nodes: readonly GraphNode[]): number[] {
  const sorted = nodes.flatMap((node) =>
    node.position ? [{ ...node.position, ...boxSize(node, { x: 1, y: 1 }) }] : [],
  );
  sorted.sort((a, b) => a.x - b.x || a.y - b.y);
  return sorted.flatMap((box, index) => {
    const needs = sorted.slice(index + 1, index + 1 + NEIGHBOURS).map((other) => {
      const across = (Math.max(box.width, other.width) + GAP.x) / Math.abs(other.x - box.x);
      const down = (box.height + GAP.y) / Math.abs(other.y - box.y);
      return Math.min(across, down);
    });
    const need = Math.max(...needs.filter(Number.isFinite));
    return Number.isFinite(need) ? [need] : [];
  });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((sorted.length - 1) * share)] ?? 1;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
