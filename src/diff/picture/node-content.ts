import type { GraphNode } from '../dialects/graph';
import type { Box } from './auto-layout';
import { NAME_SIZE, TYPE_SIZE } from './box-size';
import { escapeXml, fitLabel, plainLabel } from './labels';
import { noteText } from './note-text';
import { plainMarkdown } from './plain-markdown';

/** The free width left and right of a text in its box. */
export const SIDE = 10;

const TITLE_LENGTH = 120;
const NOTE_TITLE_LENGTH = 200;
const MIN_TEXT_WIDTH = 40;
/** A box lower than this has its text in the middle. */
const LOW = 64;
/** What the name takes of a box, where a text follows. */
const NAME_HEIGHT = 22;

/** What is shown when one points at a node, as XML. */
export function titleOf(node: GraphNode): string {
  const { name, type, display, collapsed, note } = node;
  const shown = [type, display ?? [], collapsed ? 'collapsed' : []].flat().join(', ');
  const title = plainLabel(`${name} (${shown})`).slice(0, TITLE_LENGTH).toWellFormed();
  const text = note ? `: ${plainLabel(note).slice(0, NOTE_TITLE_LENGTH).toWellFormed()}` : '';
  return escapeXml(`${title}${text}`);
}

/** The text in a node's box, as SVG: its name and its type, or what it says. */
export function contentOf(node: GraphNode, box: Box): string {
  const { role, note, name, type } = node;
  if (role === 'point' || box.width < MIN_TEXT_WIDTH) return '';
  if (note && !node.collapsed && (role === 'note' || note === name)) return noteText(note, box);
  const fits = (text: string, size: number): string => escapeXml(fitLabel(text, box.width - 2 * SIDE, size));
  const label = fits(name, NAME_SIZE);
  const frame = role === 'frame';
  if (note && box.height >= LOW && role === undefined)
    return textLines([label], box, true) + noteText(note, below(box));
  const second = fits(note ? plainMarkdown(note) : shortType(type), TYPE_SIZE);
  return textLines(frame || label === second ? [label] : [label, second], box, frame);
}

function below({ x, y, width, height }: Box): Box {
  return { x: x + SIDE - 8, y: y + NAME_HEIGHT, width, height: height - NAME_HEIGHT };
}

/** Low boxes have their text in the middle, high ones at the top; of a very low box only the name fits. */
function textLines([name = '', type]: string[], { x, y, height }: Box, atTop: boolean): string {
  const low = height < LOW && !atTop;
  const two = type !== undefined && height >= 36;
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

function r(value: number): number {
  return Math.round(value);
}
