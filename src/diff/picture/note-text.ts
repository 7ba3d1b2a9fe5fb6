import type { Box } from './auto-layout';
import { escapeXml, fitLabel, widthOf } from './labels';
import { plainMarkdown } from './plain-markdown';

const SIZE = 11.5;
const LINE = 15;
const SIDE = 8;
const MAX_LINES = 60;

/** A note's text, without the marks of Markdown, in lines that fit its box, as SVG; what does not fit ends with an ellipsis. */
export function noteText(note: string, box: Box): string {
  const width = box.width - 2 * SIDE;
  const room = Math.min(MAX_LINES, Math.max(1, Math.floor((box.height - SIDE) / LINE)));
  const lines = wrapped(plainMarkdown(note).trim(), width, room + 1);
  if (lines.length > room) lines.splice(room - 1, 2, `${lines[room - 1] ?? ''} …`);
  return lines
    .map((line, index) => {
      const label = escapeXml(fitLabel(line, width, SIZE));
      return label === ''
        ? ''
        : `<text x="${Math.round(box.x + SIDE)}" y="${Math.round(box.y + 15 + index * LINE)}">${label}</text>`;
    })
    .join('');
}

function wrapped(note: string, width: number, most: number): string[] {
  const lines: string[] = [];
  for (const paragraph of note.split('\n')) {
    let line = '';
    for (const word of paragraph.trim().split(/\s+/)) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (line !== '' && widthOf(longer.slice(0, 400), SIZE) > width) {
        lines.push(line);
        line = word;
      } else line = longer;
    }
    lines.push(line);
    if (lines.length >= most) break;
  }
  return lines.slice(0, most);
}
