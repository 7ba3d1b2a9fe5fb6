import type { Box } from './auto-layout';
import { NAME_SIZE, TYPE_SIZE } from './box-size';
import { edgePaths, type EdgePath } from './edge-paths';
import { escapeXml, fitLabel, plainLabel } from './labels';
import { placeScene, type Placement, type PlacedSheet } from './place';
import type { Scene, SceneNode, State } from './scene';
import { KINDS, MARKS } from './style';

/** A drawing without its legend: SVG elements and the extent they take, from 0, 0. */
export interface Drawing {
  body: string;
  width: number;
  height: number;
  laidOut: boolean;
  /** How many edges have an end that is no node, and so are not drawn. */
  dangling: number;
}

const SIDE = 10;
const TITLE_LENGTH = 120;
const MIN_TEXT_WIDTH = 40;

/** Draws a scene: frames and sheets at the back, then edges, old places, nodes, and marks on top. */
export function drawScene(scene: Scene): Drawing {
  const placement = placeScene(scene);
  const frames = scene.nodes.filter(({ node }) => node.role === 'frame');
  const nodes = scene.nodes.filter(({ node }) => node.role !== 'frame' && node.role !== 'sheet');
  const paths = edgePaths(scene.edges, placement.boxes);
  const parts = [
    ...placement.sheets.map((sheet) => drawSheet(sheet, placement.width)),
    ...byArea(frames, placement).map((frame) => drawNode(frame, placement, scene)),
    ...drawEdges(scene, paths),
    ...scene.nodes.map((item) => drawGhost(item, placement)),
    ...inFront(nodes).map((item) => drawNode(item, placement, scene)),
  ];
  const dangling = paths.filter((path) => path === undefined).length;
  return { ...placement, dangling, body: parts.filter((part) => part !== '').join('\n') };
}

/** Wide frames behind the small ones that they hold. */
function byArea(frames: readonly SceneNode[], { boxes }: Placement): SceneNode[] {
  const area = ({ node }: SceneNode): number =>
    (boxes.get(node.id)?.width ?? 0) * (boxes.get(node.id)?.height ?? 0);
  return frames.toSorted((a, b) => area(b) - area(a));
}

/** What did not change behind what did. */
function inFront(nodes: readonly SceneNode[]): SceneNode[] {
  const still = nodes.filter(({ state }) => state === 'same');
  return [...still, ...nodes.filter(({ state }) => state !== 'same')];
}

function drawSheet({ label, state, y }: PlacedSheet, width: number): string {
  const ink = state === 'plain' || state === 'same' ? 'p' : state;
  const text = escapeXml(fitLabel(label, Math.max(width, 400) - 40, 15));
  return (
    `<path class="rule" d="M0 ${r(y + 24)}H${r(width)}"/>` +
    `<g class="${ink}"><text class="s ${ink}" x="0" y="${r(y + 17)}">${withMark(text, state)}</text></g>`
  );
}

function withMark(text: string, state: State): string {
  return MARKS[state] === '' ? text : `${MARKS[state]} ${text}`;
}

function drawEdges(scene: Scene, paths: readonly (EdgePath | undefined)[]): string[] {
  const still: string[] = [];
  const changed: string[] = [];
  scene.edges.forEach(({ state }, index) => {
    const path = paths[index];
    if (path === undefined) return;
    const line = `<path class="e ${state}" d="${path.d}" marker-end="url(#a-${state})"/>`;
    if (MARKS[state] === '') still.push(line);
    else changed.push(line + badge(path.middle.x, path.middle.y, state));
  });
  return [...still, ...changed];
}

/** The old place, and a trail from there when it is a way off. Frames show that they moved by their line alone. */
function drawGhost({ node, state }: SceneNode, { boxes, ghosts }: Placement): string {
  const old = ghosts.get(node.id);
  const now = boxes.get(node.id);
  if (old === undefined || now === undefined || node.role === 'frame') return '';
  const ghost = `<rect class="ghost ${state}" ${extent(old)} rx="6"/>`;
  const far = Math.abs(now.x - old.x) > now.width || Math.abs(now.y - old.y) > now.height;
  return far ? `${ghost}<path class="trail ${state}" d="M${centre(old)}L${centre(now)}"/>` : ghost;
}

function centre({ x, y, width, height }: Box): string {
  return `${r(x + width / 2)} ${r(y + height / 2)}`;
}

function drawNode({ node, state }: SceneNode, { boxes }: Placement, { isDiff }: Scene): string {
  const box = boxes.get(node.id);
  if (box === undefined) return '';
  const frame = node.role === 'frame';
  const name = escapeXml(fitLabel(node.name, box.width - 2 * SIDE, NAME_SIZE));
  const type = escapeXml(fitLabel(shortType(node.type), box.width - 2 * SIDE, TYPE_SIZE));
  const title = escapeXml(plainLabel(`${node.name} (${node.type})`).slice(0, TITLE_LENGTH).toWellFormed());
  const stripe =
    isDiff || frame ? '' : `<rect class="k${kindOf(node.type)}" ${extent({ ...box, width: 4 })} rx="2"/>`;
  const lines = frame || name === type ? [name] : [name, type];
  return (
    `<g class="${frame ? 'f' : 'n'} ${state}"><title>${withMark(title, state)}</title>` +
    `<rect ${extent(box)} rx="6"/>${stripe}${textLines(lines, box, frame)}` +
    `${MARKS[state] === '' ? '' : badge(box.x + 2, box.y + 2, state)}</g>`
  );
}

/** Low boxes have their text in the middle, high ones at the top; of a very low box only the name fits. */
function textLines([name = '', type]: string[], { x, y, width, height }: Box, frame: boolean): string {
  const low = height < 64 && !frame;
  const two = type !== undefined && height >= 36;
  if (width < MIN_TEXT_WIDTH) return '';
  const first = low ? y + height / 2 + (two ? -2 : 4.5) : y + 19;
  const left = x + SIDE;
  const label = `<text class="l" x="${r(left)}" y="${r(first)}">${name}</text>`;
  return two ? `${label}<text class="t" x="${r(left)}" y="${r(first + 14)}">${type}</text>` : label;
}

/** `n8n-nodes-base.httpRequest` is known as `httpRequest`. */
function shortType(type: string): string {
  const last = /^[\w@/-]+\.(\w+)$/.exec(type)?.[1];
  return last ?? type;
}

/** The same type has the same colour in every picture (FNV-1a, 32 bits). */
function kindOf(type: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < Math.min(type.length, 100); index++) {
    hash = Math.imul(hash ^ type.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % KINDS;
}

function badge(x: number, y: number, state: State): string {
  return (
    `<g class="b ${state}"><circle cx="${r(x)}" cy="${r(y)}" r="8"/>` +
    `<text x="${r(x)}" y="${r(y + 4.5)}">${MARKS[state]}</text></g>`
  );
}

function extent({ x, y, width, height }: Box): string {
  return `x="${r(x)}" y="${r(y)}" width="${r(width)}" height="${r(height)}"`;
}

function r(value: number): number {
  return Math.round(value);
}
