import type { State } from './scene';

/** The sign of a state, so that colour is never the only one. */
export const MARKS: Readonly<Record<State, string>> = {
  plain: '',
  same: '',
  added: '+',
  removed: '−',
  changed: '~',
  moved: '→',
};

/** The sign as SVG, on the line at `y`, with its middle at `x`. The arrow is drawn, since not every font has one. */
export function sign(state: State, x: number, y: number): string {
  if (state !== 'moved') return `<text text-anchor="middle" x="${x}" y="${y}">${MARKS[state]}</text>`;
  const height = y - 4;
  return `<path class="s ${state}" d="M${x - 5} ${height}L${x + 4} ${height}M${x} ${height - 4}L${x + 4} ${height}L${x} ${height + 4}"/>`;
}

interface Paint {
  ink: string;
  fill: string;
  line: string;
}

type Palette = Record<State | 'page', Paint> & {
  edge: string;
  frame: string;
  muted: string;
  note: string;
  bypassed: string;
  kinds: string[];
};

const LIGHT: Palette = {
  page: { ink: '#1f2328', fill: '#ffffff', line: '#d0d7de' },
  plain: { ink: '#1f2328', fill: '#ffffff', line: '#818b98' },
  same: { ink: '#6e7781', fill: '#f6f8fa', line: '#d0d7de' },
  added: { ink: '#116329', fill: '#dafbe1', line: '#1a7f37' },
  removed: { ink: '#a40e26', fill: '#ffebe9', line: '#cf222e' },
  changed: { ink: '#6f4400', fill: '#fff3c4', line: '#b27600' },
  moved: { ink: '#0550ae', fill: '#eef6ff', line: '#0969da' },
  edge: '#8c959f',
  frame: '#f6f8fa',
  muted: '#59636e',
  note: '#fff8c5',
  bypassed: '#e6d5f7',
  kinds: ['#0969da', '#1a7f37', '#bf8700', '#bc4c00', '#8250df', '#bf3989', '#1b7c83', '#57606a'],
};

const DARK: Palette = {
  page: { ink: '#e6edf3', fill: '#0d1117', line: '#3d444d' },
  plain: { ink: '#e6edf3', fill: '#161b22', line: '#6e7681' },
  same: { ink: '#848d97', fill: '#12161c', line: '#30363d' },
  added: { ink: '#7ee787', fill: '#0f2a19', line: '#3fb950' },
  removed: { ink: '#ffa198', fill: '#341317', line: '#f85149' },
  changed: { ink: '#f2cc60', fill: '#2e2208', line: '#d29922' },
  moved: { ink: '#79c0ff', fill: '#0d2239', line: '#388bfd' },
  edge: '#6e7681',
  frame: '#11161d',
  muted: '#9198a1',
  note: '#272215',
  bypassed: '#3a2a52',
  kinds: ['#388bfd', '#3fb950', '#d29922', '#db6d28', '#a371f7', '#db61a2', '#39c5cf', '#8b949e'],
};

/** How many colours tell kinds of nodes apart in the picture of one version. */
export const KINDS = LIGHT.kinds.length;

const STATES: readonly State[] = ['plain', 'same', 'added', 'removed', 'changed', 'moved'];

/** The picture's style sheet: light, and dark where the reader's system asks for it. */
export const STYLE = `
svg{max-width:100%;height:auto;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
.n rect{stroke-width:1.2}.n .t{font-size:10.5px;opacity:.85}.n text{font-size:13px}
.added rect,.changed rect,.removed rect,.moved rect{stroke-width:2}
.moved rect,.ghost{stroke-dasharray:6 4}.removed .l{text-decoration:line-through}
.ghost{fill:none;stroke-width:1;opacity:.6}.trail{fill:none;stroke-width:1;stroke-dasharray:2 4}
.e{fill:none;stroke-width:1.5}.e.added,.e.removed{stroke-width:2.2}.e.removed{stroke-dasharray:5 4}
.b text{font-size:13px;font-weight:700}path.s{fill:none;stroke-width:1.8}
.f rect{stroke-width:1.2;fill-opacity:.55}.f text{font-size:12px;font-weight:600}
.disabled rect{stroke-dasharray:3 3}.disabled,.muted{opacity:.5}.muted .l{font-style:italic}.bypassed rect{stroke-width:2;stroke-dasharray:8 3}
.note text{font-size:11.5px}.note .l{font-weight:600}.point rect{stroke-width:1}.virtual{stroke-dasharray:1 5;stroke-linecap:round}
.h{font-size:17px;font-weight:600}.s{font-size:15px;font-weight:600}
${paint(LIGHT)}@media (prefers-color-scheme:dark){${paint(DARK)}}`;

function paint(palette: Palette): string {
  const states = STATES.map((state) => {
    const { ink, fill, line } = palette[state];
    const edge = state === 'plain' || state === 'same' ? palette.edge : line;
    return (
      `.${state} rect{fill:${fill};stroke:${line}}.${state} text{fill:${ink}}.e.${state}{stroke:${edge}}` +
      `.a.${state}{fill:${edge}}.b.${state} circle{fill:${line}}.b.${state} text{fill:${palette.page.fill}}path.s.${state}{stroke:${ink}}.b path.s.${state}{stroke:${palette.page.fill}}.ghost.${state},.trail.${state}{stroke:${line}}`
    );
  });
  const kinds = palette.kinds.map((colour, index) => `.n .k${index}{fill:${colour};stroke:none}`);
  return (
    `.page{fill:${palette.page.fill}}.p{fill:${palette.page.ink}}.m{fill:${palette.muted}}` +
    `.n.note.plain>rect,.n.note.same>rect{fill:${palette.note}}.n.bypassed>rect:first-of-type{fill:${palette.bypassed}}` +
    `.rule{stroke:${palette.page.line}}${states.join('')}.f.same rect,.f.plain rect{fill:${palette.frame}}${kinds.join('')}`
  );
}
