import { counted } from './counted';
import type { Drawing } from './draw-scene';
import { escapeXml, fitLabel, widthOf } from './labels';
import type { Scene, State } from './scene';
import { sign, STYLE } from './style';

const MARGIN = 24;
/** Room for a legend with five-digit counts. */
const MIN_WIDTH = 900;
const MESSAGE_WIDTH = 640;
const TITLE_HEIGHT = 30;
const COUNTS_HEIGHT = 30;

/** On a picture wider than this the legend grows with it, since it is shown smaller. */
const LEGEND_WIDTH = 1_200;

/** How much wider than the measured weight the heading's is. */
const BOLD = 1.08;

const COUNTED: readonly State[] = ['added', 'removed', 'changed', 'moved', 'same'];
const EDGE_STATES: readonly State[] = ['plain', 'same', 'added', 'removed', 'changed'];

/** Of the changed parts outside nodes and edges, how many are named. */
const NAMED_PARTS = 6;
const OTHER_HEIGHT = 22;

/** A whole picture: the page, the legend, and below it the drawing. `bare`: the drawing alone. */
export function page(scene: Scene, drawing: Drawing, bare = false): string {
  if (bare)
    return svg(
      drawing.width + 2 * MARGIN,
      drawing.height + 2 * MARGIN,
      `<g transform="translate(${MARGIN} ${MARGIN})">\n${drawing.body}\n</g>`,
    );
  const width = Math.max(drawing.width, MIN_WIDTH) + 2 * MARGIN;
  const scale = Math.max(1, width / LEGEND_WIDTH);
  const top =
    MARGIN +
    (TITLE_HEIGHT + (scene.isDiff ? COUNTS_HEIGHT : 0) + (scene.other.length > 0 ? OTHER_HEIGHT : 0)) * scale;
  const note = notes(drawing);
  return svg(
    width,
    top + drawing.height + 2 * MARGIN,
    `<g transform="translate(${MARGIN} ${MARGIN}) scale(${scale.toFixed(3)})">${legend(scene, note)}</g>` +
      `\n<g transform="translate(${MARGIN} ${Math.round(top + MARGIN / 2)})">\n${drawing.body}\n</g>`,
  );
}

function notes({ laidOut, dangling, far }: Drawing): string {
  const ends =
    dangling > 0
      ? `${counted(dangling, 'edge')} ${dangling === 1 ? 'leads' : 'lead'} to nodes that do not exist`
      : '';
  const left =
    far > 0 ? `${counted(far, 'unchanged node')} further away ${far === 1 ? 'is' : 'are'} not drawn` : '';
  return [laidOut ? 'places not from the file' : '', ends, left].filter((part) => part !== '').join(', ');
}

/** A small picture of a title and some lines of text, for what cannot be drawn. */
export function messagePage(title: string, lines: readonly string[]): string {
  const body = [
    text(title, 0, 14, 'h p'),
    ...lines.map((line, index) => text(line, 0, 42 + index * 22, 'm')),
  ];
  const height = 2 * MARGIN + 20 + lines.length * 22 + 10;
  return svg(
    MIN_WIDTH + 2 * MARGIN,
    height,
    `<g transform="translate(${MARGIN} ${MARGIN})">${body.join('')}</g>`,
  );
}

/** The document round a body: no script, no reference to anything outside. */
export function svg(width: number, height: number, body: string): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img">\n` +
    `<style>${STYLE}</style>\n<defs>${EDGE_STATES.map(arrowHead).join('')}</defs>\n` +
    `<rect class="page" width="${w}" height="${h}"/>\n${body}\n</svg>\n`
  );
}

/** The legend: what is shown, and for a difference each mark with its count. */
export function legend(scene: Scene, note: string): string {
  const nodes = counted(scene.nodes.length, 'node');
  const edges = scene.edges.length === 0 ? '' : `, ${counted(scene.edges.length, 'edge')}`;
  const title = scene.isDiff ? `${scene.dialect}: what changed` : `${scene.dialect}: ${nodes}${edges}`;
  const heading = text(title, 0, 14, 'h p') + text(note, widthOf(title, 17) * BOLD + 20, 14, 'm');
  return scene.isDiff ? heading + counts(scene) + text(otherLine(scene), 0, 70, 'm') : heading;
}

/** What changed outside nodes and edges; empty when nothing did. */
export function otherLine({ other }: Scene): string {
  if (other.length === 0) return '';
  const named = other.slice(0, NAMED_PARTS).map((path) => path || 'the document');
  const more = other.length > NAMED_PARTS ? ` and ${other.length - NAMED_PARTS} more` : '';
  return `other changes: ${named.join(', ')}${more}`;
}

function counts(scene: Scene): string {
  let x = 0;
  const chips = COUNTED.map((state) => {
    const label = `${scene.nodes.filter((item) => item.state === state).length} ${state === 'same' ? 'unchanged' : state}`;
    const chip = swatch(state, x) + text(label, x + 28, 44, 'm');
    x += 28 + widthOf(label, 13) + 18;
    return chip;
  });
  const [added, removed, changed = 0] = (['added', 'removed', 'changed'] as const).map(
    (state) => scene.edges.filter((edge) => edge.state === state).length,
  );
  const edges =
    scene.edges.length === 0
      ? ''
      : text(`edges: +${added} −${removed}${changed > 0 ? ` ~${changed}` : ''}`, x + 4, 44, 'm');
  return chips.join('') + edges;
}

function swatch(state: State, x: number): string {
  const left = Math.round(x);
  return (
    `<g class="n ${state}"><rect x="${left}" y="31" width="20" height="17" rx="4"/>` +
    `${sign(state, left + 10, 44)}</g>`
  );
}

/** One line of text, escaped, cut to a message's width. */
export function text(content: string, x: number, y: number, style: string): string {
  if (content === '') return '';
  const label = escapeXml(fitLabel(content, MESSAGE_WIDTH, 13));
  return `<text class="${style}" x="${Math.round(x)}" y="${y}"${style === 'm' ? ' font-size="13"' : ''}>${label}</text>`;
}

function arrowHead(state: State): string {
  return (
    `<marker id="a-${state}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" ` +
    `markerUnits="userSpaceOnUse" orient="auto"><path class="a ${state}" d="M0 0L8 4L0 8z"/></marker>`
  );
}
