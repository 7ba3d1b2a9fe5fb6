import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { isObject, type Json } from '../json';
import { drawDiff, drawGraph } from './draw';
import { fitLabel, plainLabel, widthOf } from './labels';

const SAMPLES = join(__dirname, '../../../test/samples/graphs');
const NAMES = readdirSync(SAMPLES);
const MAX_BYTES = 2_000_000;

function bytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function sample(file: string): Json {
  return JSON.parse(readFileSync(join(SAMPLES, file), 'utf8')) as Json;
}

function flow(count: number, name = (index: number): string => `Node ${index}`): Buffer {
  return bytes({
    nodes: Array.from({ length: count }, (_, index) => ({
      id: `n${index}`,
      type: 'step',
      data: { label: name(index) },
      position: { x: (index % 40) * 220, y: Math.floor(index / 40) * 90 },
    })),
    edges: Array.from({ length: count }, (_, index) => ({
      source: `n${index}`,
      target: `n${(index * 7) % count}`,
    })),
  });
}

/** Fails unless the text is one well-formed XML 1.0 element without doctype, comments and processing instructions. */
function expectWellFormed(xml: string): void {
  expect(xml).not.toMatch(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
  expect(xml.isWellFormed()).toBe(true);
  const open: string[] = [];
  const piece = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[A-Za-z_][\w:-]*="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
  let at = 0;
  for (let match = piece.exec(xml); match !== null; match = piece.exec(xml)) {
    const [whole, closing, name = '', attributes = '', empty, text] = match;
    at += whole.length;
    const names = Array.from(attributes.matchAll(/\s([\w:-]+)=/g), ([, attribute]) => attribute);
    const bare = (attributes + (text ?? '')).replace(/&(?:amp|lt|gt|quot|#\d+);/g, '').includes('&');
    const outside = text !== undefined && text.trim() !== '' && open.length === 0;
    const crossed = Boolean(closing) && open.pop() !== name;
    if (bare || outside || crossed || new Set(names).size < names.length)
      throw new Error(`Not XML: ${whole}`);
    if (text === undefined && !closing && !empty) open.push(name);
  }
  expect([at, open]).toEqual([xml.length, []]);
}

function expectHarmless(svg: string): void {
  expectWellFormed(svg);
  expect(svg).not.toMatch(/<(?:script|foreignObject|image|use|a|iframe)\b|\son\w+=|href|@import|url\((?!#)/i);
  expect(Buffer.byteLength(svg)).toBeLessThan(MAX_BYTES);
}

describe('drawGraph and drawDiff', () => {
  it.each(NAMES)('draw %s with every node that has a name in it', (file) => {
    const svg = drawGraph(bytes(sample(file)));
    expectHarmless(svg);
    expect(svg).toContain('<title>');
    expect(svg).toContain('prefers-color-scheme:dark');
  });

  it.each(NAMES)('draw %s coming out of nothing and going', (file) => {
    const config = bytes(sample(file));
    const [come, gone] = [drawDiff(bytes({}), config), drawDiff(config, bytes({}))];
    for (const svg of [come, gone]) expectHarmless(svg);
    expect(come).toContain('class="n added"');
    expect(gone).toContain('class="n removed"');
  });

  it.each(NAMES)('draw the same for the same bytes, %s', (file) => {
    const config = bytes(sample(file));
    expect(drawGraph(config)).toBe(drawGraph(config));
    expect(drawDiff(bytes({}), config)).toBe(drawDiff(bytes({}), config));
  });

  it('mark what became of each node and edge, and count it', () => {
    const node = (id: string, x = 0, label = id): Json => ({ id, data: { label }, position: { x, y: 0 } });
    const before = {
      nodes: [node('a'), node('b'), node('c'), node('d')],
      edges: [{ source: 'a', target: 'b' }],
    };
    const after = {
      nodes: [node('a'), node('b', 500), node('c', 0, 'new'), node('e')],
      edges: [{ source: 'a', target: 'c' }],
    };
    const svg = drawDiff(bytes(before), bytes(after));
    for (const text of ['1 added', '1 removed', '1 changed', '1 moved', '1 unchanged', 'edges: +1 −1']) {
      expect(svg).toContain(`>${text}<`);
    }
    for (const element of ['class="ghost moved"', 'class="e added"', 'class="e removed"', '>− d (node)<']) {
      expect(svg).toContain(element);
    }
  });

  it('say what they cannot draw', () => {
    expect(drawGraph(bytes({ a: 1 }))).toContain('not a graph of a known kind');
    expect(drawGraph(bytes({ nodes: [], edges: [] }))).toContain('react-flow: an empty graph');
    expect(drawDiff(bytes({ a: 1 }), bytes({ a: 2, b: 3 }))).toContain(
      '1 values added, 0 removed, 1 replaced, 0 moved.',
    );
    expect(drawDiff(bytes({}), bytes([]))).toContain('compared as JSON');
  });

  it('stay harmless with hostile names', () => {
    const hostile = [
      '</text><script>alert(1)</script>',
      '"\'&<>]]>',
      '\u0000\u0008\u001b\u007f\ufffe\uffff',
      '\ud800x\udc00',
      '\u202eevil',
      '&#0;',
      '𝒳'.repeat(300),
      '<!--',
      '<![CDATA[',
      '漢字'.repeat(50),
      '👩‍👩‍👧‍👦'.repeat(40),
    ];
    const config = flow(hostile.length, (index) => hostile[index] ?? '');
    for (const svg of [drawGraph(config), drawDiff(bytes({}), config)]) {
      expectHarmless(svg);
      expect(svg.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
    }
  });

  it('stay harmless whatever the names and types are', () => {
    const text = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 20 });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 5 }), (names) => {
        const nodes = names.map(([label, type], index) => ({ id: `${index}${type}`, type, data: { label } }));
        expectHarmless(drawGraph(bytes({ nodes, edges: [] })));
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['all in one place', (): number => 0],
    ['further apart than a picture can show', (index: number): number => index * 1e12],
    ['at places past all numbers', (index: number): number => (index % 2 ? 1e308 : -1e308)],
  ])('place nodes that are %s', (_, x) => {
    const nodes = Array.from({ length: 20 }, (__, index) => ({
      id: `${index}`,
      position: { x: x(index), y: 0 },
    }));
    const svg = drawGraph(bytes({ nodes, edges: [{ source: '0', target: '1' }] }));
    expectHarmless(svg);
    expect(svg).not.toMatch(/NaN|Infinity|e\+/);
    expect(Number(/width="(\d+)"/.exec(svg)?.[1])).toBeLessThan(50_000);
  });

  it('follow nodes inside each other, cycles included, no further than they must', () => {
    const inside = (id: string, parentId: string): Json => ({ id, parentId, position: { x: 1, y: 1 } });
    expectHarmless(
      drawGraph(bytes({ nodes: [inside('a', 'b'), inside('b', 'a'), inside('c', 'c')], edges: [] })),
    );
  });

  it('draw 2,000 nodes in less than 2 MB', () => {
    const svg = drawDiff(
      flow(2_000),
      flow(1_990, (index) => `${'&<"'.repeat(40)} ${index}`),
    );
    expectHarmless(svg);
    expect(svg.length).toBeLessThan(2 * 1024 * 1024);
    expect(svg).toContain('1990 changed');
  });

  it.each([
    ['a chain', (index: number): Json => [`${index - 1}`, 0]],
    ['a fan', (): Json => ['0', 0]],
    ['a ring', (index: number): Json => [`${(index + 1) % 2_000}`, 0]],
    ['a web', (index: number): Json => [`${(index * 7919) % 2_000}`, 0]],
  ])('lay out %s of 2,000 nodes without places, under 2 MB', (_, from) => {
    const prompt = Object.fromEntries(
      Array.from({ length: 2_000 }, (__, index) => [
        `${index}`,
        { class_type: 'Step', inputs: { in: from(index) } },
      ]),
    );
    const svg = drawGraph(bytes(prompt));
    expect(svg.length).toBeLessThan(2 * 1024 * 1024);
    expectHarmless(svg);
  });

  it('sum up what is too large to draw', () => {
    const svg = drawDiff(flow(3_000), flow(10_000));
    expectHarmless(svg);
    expect(svg).toContain('Too large to draw node by node');
    expect(svg).toContain('7000 added');
  });

  it('show the names of all nodes, cut to fit', () => {
    const walk = (value: Json): string[] =>
      isObject(value) || Array.isArray(value)
        ? Object.entries(value).flatMap(([key, item]) =>
            key === 'name' && typeof item === 'string' ? [item] : walk(item),
          )
        : [];
    const svg = drawGraph(bytes(sample('n8n-support-agent.json')));
    for (const name of walk((sample('n8n-support-agent.json') as { nodes: Json }).nodes))
      expect(svg).toContain(`${name} (`);
  });
});

describe('labels', () => {
  it('are cut at whole characters, and never wider than asked', () => {
    expect(fitLabel('short', 100, 13)).toBe('short');
    expect(fitLabel('x'.repeat(100), 100, 13)).toMatch(/^x+…$/);
    expect(fitLabel('👩‍👩‍👧‍👦'.repeat(10), 60, 13)).toMatch(/^(?:👩‍👩‍👧‍👦)+…$/u);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 30, max: 300 }), (text, width) => {
        expect(widthOf(fitLabel(text, width, 13), 13)).toBeLessThanOrEqual(width + 13);
      }),
    );
  });

  it('show what hides itself', () => {
    expect(plainLabel('a\u202eb\u0000c\nd\ud800')).toBe('a\ufffdb\ufffdc d\ufffd');
  });
});
