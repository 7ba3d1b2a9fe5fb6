import { escapeXml, fitLabel } from './labels';
import { svg, text } from './page';
import type { Scene, State } from './scene';

const ROWS = 15;
const MARGIN = 24;
const BAR_LEFT = 260;
const BAR_WIDTH = 580;
const ROW_HEIGHT = 26;
const STATES: readonly State[] = ['plain', 'same', 'moved', 'changed', 'added', 'removed'];

/**
 * The picture of a graph too large to draw: how many nodes of which kind, and what became of them, as bars.
 * `legend` is the same as in a drawn picture.
 */
export function summaryPage(scene: Scene, legend: string): string {
  const kinds = kindsOf(scene);
  const most = Math.max(1, ...kinds.map(({ total }) => total));
  const rows = kinds.map((kind, index) => row(kind, 110 + index * ROW_HEIGHT, BAR_WIDTH / most));
  const top = text('Too large to draw node by node; the most common kinds of nodes:', 0, 92, 'm');
  const body = `<g transform="translate(${MARGIN} ${MARGIN})">${legend}${top}${rows.join('')}</g>`;
  return svg(BAR_LEFT + BAR_WIDTH + 4 * MARGIN, 110 + (kinds.length + 1) * ROW_HEIGHT + 2 * MARGIN, body);
}

interface Kind {
  type: string;
  total: number;
  states: Map<State, number>;
}

function kindsOf(scene: Scene): Kind[] {
  const kinds = new Map<string, Kind>();
  for (const { node, state } of scene.nodes) {
    const kind = kinds.get(node.type) ?? { type: node.type, total: 0, states: new Map<State, number>() };
    kind.total++;
    kind.states.set(state, (kind.states.get(state) ?? 0) + 1);
    kinds.set(node.type, kind);
  }
  return [...kinds.values()].sort((a, b) => b.total - a.total).slice(0, ROWS);
}

function row({ type, total, states }: Kind, y: number, unit: number): string {
  const label = escapeXml(fitLabel(type, BAR_LEFT - 20, 13));
  let x = BAR_LEFT;
  const bars = STATES.map((state) => {
    const width = Math.round((states.get(state) ?? 0) * unit);
    const bar = `<g class="n ${state}"><rect x="${x}" y="${y}" width="${width}" height="16" rx="2"/></g>`;
    x += width;
    return width === 0 ? '' : bar;
  });
  return (
    `<text class="p" font-size="13" x="0" y="${y + 13}">${label}</text>${bars.join('')}` +
    `<text class="m" font-size="13" x="${x + 8}" y="${y + 13}">${total}</text>`
  );
}
