import type { Page } from 'playwright-core';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What a picture shows, in its own units, from the back to the front. */
export interface Shape {
  kind: 'node' | 'frame' | 'note' | 'point' | 'edge' | 'mark' | 'heading';
  /** Of a node; of an edge, "source > target". */
  id: string;
  /** Of a node; of a mark, its circle. */
  box?: Box;
  texts: Box[];
  /** The circles of the marks on it. */
  marks: Box[];
  /** Of an edge, every 3 units. */
  points: Array<[number, number]>;
}

export interface Shapes {
  width: number;
  height: number;
  shapes: Shape[];
}

/** Runs in the page: what the browser has really drawn, its own fonts included. */
const READ = `(() => {
  const svg = document.querySelector('svg');
  const placed = (element) => {
    const { x, y, width, height } = element.getBBox();
    const m = element.getCTM();
    return { x: m.a * x + m.e, y: m.d * y + m.f, width: m.a * width, height: m.d * height };
  };
  const pointsOf = (path) => {
    const m = path.getCTM();
    const points = [];
    for (let at = 0; at <= path.getTotalLength(); at += 3) {
      const { x, y } = path.getPointAtLength(at);
      points.push([m.a * x + m.e, m.d * y + m.f]);
    }
    return points;
  };
  const kindOf = (element) => {
    if (element.dataset.edge !== undefined) return 'edge';
    if (element.classList.contains('b')) return 'mark';
    const kind = ['note', 'point'].find((name) => element.classList.contains(name));
    if (kind) return kind;
    if (element.classList.contains('f')) return 'frame';
    return element.classList.contains('n') ? 'node' : 'heading';
  };
  const found = svg.querySelectorAll('g[data-node], path[data-edge], g.b, text.s');
  const shapes = [...found].filter((element) => !element.parentElement.closest('[data-node]')).map((element) => {
    const kind = kindOf(element);
    const box = element.querySelector(kind === 'mark' ? 'circle' : 'rect');
    const texts =
      kind === 'mark' ? [] : element.localName === 'text' ? [element] : [...element.querySelectorAll(':scope > text')];
    return {
      kind,
      id: element.dataset.node ?? element.dataset.edge ?? '',
      ...(box && { box: placed(box) }),
      texts: texts.filter((text) => text.textContent.trim() !== '').map(placed),
      marks: kind === 'mark' ? [] : [...element.querySelectorAll('g.b circle')].map(placed),
      points: kind === 'edge' ? pointsOf(element) : [],
    };
  });
  return { width: svg.width.baseVal.value, height: svg.height.baseVal.value, shapes };
})()`;

/** Shows a picture and reads its shapes. */
export async function shapesOf(page: Page, svg: string): Promise<Shapes> {
  await page.setContent(`<style>body{margin:0} svg{max-width:none !important}</style>${svg}`);
  return page.evaluate(READ);
}
