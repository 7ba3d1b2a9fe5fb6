import type { Box } from './auto-layout';
import { Badges } from './badges';
import { NAME_SIZE } from './box-size';
import type { EdgePath } from './curves';
import { edgePaths } from './edge-paths';
import { escapeXml, fitLabel, plainLabel, widthOf } from './labels';
import { contentOf, SIDE, titleOf } from './node-content';
import { depthsOf } from './frame-members';
import { placeScene, type Placement, type PlacedSheet } from './place';
import { idInFile, type Scene, type SceneEdge, type SceneNode, type State } from './scene';
import { KINDS, MARKS, sign } from './style';

/** A drawing without its legend: SVG elements and the extent they take, from 0, 0. */
export interface Drawing {
  body: string;
  width: number;
  height: number;
  laidOut: boolean;
  /** How many edges have an end that is no node, and so are not drawn. */
  dangling: number;
  /** How many unchanged nodes are too far from any change to be drawn. */
  far: number;
}

/**
 * Draws a scene: sheets and frames at the back, the outer ones first, then notes, edges, old places, nodes, and marks
 * on top. A node that holds others is a frame, so that a change of it never covers what it holds.
 */
export function drawScene(scene: Scene): Drawing {
  const placement = placeScene(scene);
  const items = scene.nodes.filter(({ node }) => placement.boxes.has(node.id));
  const solid = items.filter(
    ({ node }) => node.role === undefined || node.role === 'port' || node.role === 'setting',
  );
  const obstacles = solid.flatMap(({ node }) => placement.boxes.get(node.id) ?? []);
  const edges = scene.edges.filter((edge) => !leavesItsSheet(edge, placement));
  const paths = edgePaths(edges, placement, obstacles);
  const frames = items.filter(({ node }) => node.role === 'frame');
  const badges = new Badges([...obstacles, ...titlesOf(frames, placement)]);
  const draw = (item: SceneNode): string => drawNode(item, placement, scene, badges);
  const behind = [
    ...outerFirst(frames, placement).map(draw),
    ...items.filter(({ node }) => node.role === 'note').map(draw),
  ];
  const points = items.filter(({ node }) => node.role === 'point').map(draw);
  const front = inFront(solid).map(draw);
  // After the nodes, whose marks have one place only.
  const { lines, marks } = drawEdges(edges, paths, badges);
  const parts = [
    ...placement.sheets.map((sheet) => drawSheet(sheet, placement.width)),
    ...behind,
    ...lines,
    ...items.map((item) => drawGhost(item, placement)),
    ...points,
    ...front,
    ...marks,
  ];
  const body = parts.filter((part) => part !== '').join('\n');
  return { ...placement, ...withEdges(placement, paths, badges, body), dangling: danglingOf(scene) };
}

/** Where the names of frames are. */
function titlesOf(frames: readonly SceneNode[], { boxes }: Placement): Box[] {
  return frames.flatMap(({ node }) => {
    const box = boxes.get(node.id);
    if (box === undefined) return [];
    const width = Math.min(box.width - 2 * SIDE, widthOf(plainLabel(node.name), NAME_SIZE));
    return [{ x: box.x + SIDE, y: box.y + 6, width: Math.max(0, width), height: 18 }];
  });
}

/**
 * A virtual wire to another tab, or a removed one of a node that went to another tab, would cross the whole picture.
 * Editors show neither.
 */
function leavesItsSheet({ source, target }: SceneEdge, { sheetOf }: Placement): boolean {
  return sheetOf.get(source) !== sheetOf.get(target);
}

function danglingOf({ nodes, edges }: Scene): number {
  const ids = new Set(nodes.map(({ node }) => node.id));
  return edges.filter(({ source, target, virtual }) => !virtual && (!ids.has(source) || !ids.has(target)))
    .length;
}

/** The page grows by what edges and their marks take beyond the boxes. */
function withEdges(
  { width, height }: Placement,
  paths: readonly (EdgePath | undefined)[],
  badges: Badges,
  body: string,
): { width: number; height: number; body: string } {
  let [left, top, right, bottom] = [0, 0, width, height];
  for (const extent of [...paths.map((path) => path?.extent), badges.extent()]) {
    if (extent === undefined) continue;
    left = Math.min(left, extent.x - 4);
    top = Math.min(top, extent.y - 4);
    right = Math.max(right, extent.x + extent.width + 4);
    bottom = Math.max(bottom, extent.y + extent.height + 4);
  }
  const moved =
    left === 0 && top === 0 ? body : `<g transform="translate(${r(-left)} ${r(-top)})">\n${body}\n</g>`;
  return { width: right - left, height: bottom - top, body: moved };
}

/** Frames behind the smaller ones that they hold. */
function outerFirst(frames: readonly SceneNode[], { boxes }: Placement): SceneNode[] {
  const depths = depthsOf(frames);
  const depth = ({ node }: SceneNode): number => depths.get(node.id) ?? 0;
  const area = ({ node }: SceneNode): number =>
    (boxes.get(node.id)?.width ?? 0) * (boxes.get(node.id)?.height ?? 0);
  const keyed = frames.map((frame) => ({ frame, depth: depth(frame), area: area(frame) }));
  return keyed.sort((a, b) => a.depth - b.depth || b.area - a.area).map(({ frame }) => frame);
}

/** What did not change behind what did. */
function inFront(nodes: readonly SceneNode[]): SceneNode[] {
  const still = nodes.filter(({ state }) => state === 'same');
  return [...still, ...nodes.filter(({ state }) => state !== 'same')];
}

function drawSheet({ label, state, y, more, id }: PlacedSheet, width: number): string {
  const ink = state === 'plain' || state === 'same' ? 'p' : state;
  const text = escapeXml(fitLabel(label, Math.max(width, 400) - 40, 15));
  const rest = more === '' ? '' : `<tspan class="m" font-size="12" dx="10">${escapeXml(more)}</tspan>`;
  return (
    `<path class="rule" d="M0 ${r(y + 24)}H${r(width)}"/>` +
    `<g class="${ink}"${id === undefined ? '' : dataOf('node', idInFile(id), state)}><text class="s ${ink}" x="0" y="${r(y + 17)}">${withMark(text, state)}${rest}</text></g>`
  );
}

function withMark(text: string, state: State): string {
  return MARKS[state] === '' ? text : `${MARKS[state]} ${text}`;
}

/** The edges' lines, what changed in front, and their marks, which are in front of everything. */
function drawEdges(
  edges: readonly SceneEdge[],
  paths: readonly (EdgePath | undefined)[],
  badges: Badges,
): { lines: string[]; marks: string[] } {
  const still: string[] = [];
  const changed: string[] = [];
  const marks: string[] = [];
  edges.forEach((edge, index) => {
    const path = paths[index];
    if (path === undefined) return;
    const { state } = edge;
    const data = dataOf('edge', `${idInFile(edge.source)} > ${idInFile(edge.target)}`, state);
    const line = `<path class="e ${state}${edge.virtual ? ' virtual' : ''}" d="${path.d}" marker-end="url(#a-${state})"${data}/>`;
    (MARKS[state] === '' ? still : changed).push(line);
    if (MARKS[state] !== '') marks.push(badge(badges.placeOffLabels(path.marks), state));
  });
  return { lines: [...still, ...changed], marks };
}

/** So that a page around the picture can find and select what is drawn. */
function dataOf(kind: 'node' | 'edge', id: string, state: State): string {
  const change = state === 'plain' || state === 'same' ? '' : ` data-change="${state}"`;
  return ` data-${kind}="${escapeXml(plainLabel(id))}"${change}`;
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

function drawNode(
  { node, state }: SceneNode,
  { boxes }: Placement,
  { isDiff }: Scene,
  badges: Badges,
): string {
  const box = boxes.get(node.id);
  if (box === undefined) return '';
  const { role, display, collapsed } = node;
  const classes = [
    role === 'frame' ? 'f' : 'n',
    state,
    role === 'note' || role === 'point' ? role : '',
    display ?? '',
    collapsed ? 'collapsed' : '',
  ];
  const plain = isDiff || role !== undefined;
  const stripe = plain ? '' : `<rect class="k${kindOf(node.type)}" ${extent({ ...box, width: 4 })} rx="2"/>`;
  const mark = MARKS[state] === '' ? '' : badge(badges.place(cornersOf(box)), state);
  return (
    `<g class="${classes.filter((name) => name !== '').join(' ')}"${dataOf('node', idInFile(node.id), state)}>` +
    `<title>${withMark(titleOf(node), state)}</title>` +
    `<rect ${extent(box)} rx="6"/>${stripe}${contentOf(node, box)}${mark}</g>`
  );
}

function cornersOf({ x, y, width }: Box): { x: number; y: number }[] {
  return [
    { x: x + 2, y: y + 2 },
    { x: x + 22, y: y + 2 },
    { x: x + width - 2, y: y + 2 },
  ];
}

/** The same type has the same colour in every picture (FNV-1a, 32 bits). */
function kindOf(type: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < Math.min(type.length, 100); index++) {
    hash = Math.imul(hash ^ type.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % KINDS;
}

function badge({ x, y }: { x: number; y: number }, state: State): string {
  return (
    `<g class="b ${state}"><circle cx="${r(x)}" cy="${r(y)}" r="8"/>` + `${sign(state, r(x), r(y + 4.5))}</g>`
  );
}

function extent({ x, y, width, height }: Box): string {
  return `x="${r(x)}" y="${r(y)}" width="${r(width)}" height="${r(height)}"`;
}

function r(value: number): number {
  return Math.round(value);
}
