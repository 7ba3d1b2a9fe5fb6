import fc from 'fast-check';
import { readExact } from '../exact-json';
import { isObject, type Json, type JsonObject } from '../json';
import { JsonEdits } from './json-edits';
import { JsonText, SpanIndex } from './json-text';

interface Opened {
  value: Json;
  edits: JsonEdits;
}

function open(...texts: string[]): Opened[] {
  const spans = new SpanIndex();
  const edits = new JsonEdits(spans);
  return texts.map((text) => {
    const bytes = Buffer.from(text);
    const value = readExact(bytes);
    spans.add(new JsonText(bytes), value);
    return { value, edits };
  });
}

/** JSON text with odd spelling: white space, escapes, numbers past a double, duplicate and hostile keys. */
const spelled: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => {
  const space = fc.constantFrom('', '', ' ', '\n  ', '\t');
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 5 }).map((value) => JSON.stringify(value)),
    fc.constantFrom(
      '"\\u0061"',
      '"\\/"',
      '"\\ud83d\\ude00"',
      '"\\\\\\""',
      '"__proto__"',
      '"constructor"',
      '"]}"',
    ),
  );
  const scalar = fc.oneof(
    text,
    fc.constantFrom('1.0', '1e400', '12345678901234567890', 'true', 'null', '-0'),
  );
  const list = fc
    .array(fc.tuple(space, tie('value'), space), { maxLength: 4 })
    .map((items) => `[${items.map((parts) => parts.join('')).join(',')}]`);
  const object = fc
    .array(fc.tuple(space, text, space, space, tie('value'), space), { maxLength: 4 })
    .map(
      (items) => `{${items.map(([a, key, b, c, value, d]) => `${a}${key}${b}:${c}${value}${d}`).join(',')}}`,
    );
  return { value: fc.oneof({ depthSize: 'small' }, scalar, list, object) };
}).value;
const containers = spelled.filter((text) => /^[[{]/.test(text));

function allContainers(value: Json): (Json[] | JsonObject)[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(allContainers)];
}

describe('JsonEdits', () => {
  it('writes unchanged bytes back as they were', () => {
    fc.assert(
      fc.property(containers, (text) => {
        const [{ value, edits } = { value: null, edits: new JsonEdits(new SpanIndex()) }] = open(text);
        expect(edits.print(value).toString()).toBe(text);
      }),
    );
  });

  it('replaces, inserts and removes anywhere, and leaves every other container byte for byte', () => {
    fc.assert(
      fc.property(containers, containers, fc.nat(), fc.nat(), (text, other, pick, at) => {
        const [target, source] = open(text, other);
        if (target === undefined || source === undefined) throw new Error('not opened');
        const { edits } = target;
        const all = allContainers(target.value);
        const chosen = all[pick % all.length] as Json[] | JsonObject;
        let expected: Json;
        if (Array.isArray(chosen)) {
          const index = at % (chosen.length + 1);
          edits.insert(chosen, index, source.value);
          expected = chosen.toSpliced(index, 0, source.value);
        } else {
          edits.set(chosen, 'brought', source.value);
          expected = Object.fromEntries([...Object.entries(chosen), ['brought', source.value]]);
        }
        const printed = edits.print(target.value);
        const swap = (value: Json): Json => {
          if (value === chosen) return expected;
          if (Array.isArray(value)) return value.map(swap);
          if (!isObject(value)) return value;
          return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, swap(item)]));
        };
        expect(readExact(printed)).toEqual(swap(target.value));
        expect(printed.includes(other)).toBe(true);
      }),
    );
  });

  it('undoes an insertion exactly', () => {
    const text = '{\n  "a": [\n    1.0,\n    {"x" : 1}\n  ],\n  "b": 1e400\n}';
    const [opened] = open(text);
    const { value, edits } = opened as Opened & { value: { a: Json[] } };
    edits.insert(value.a, 1, 7);
    expect(edits.print(value).toString()).toBe(text.replace('1.0,', '1.0,\n    7,'));
    edits.take(value.a, 1);
    edits.set(value as JsonObject, 'c', 'd');
    edits.remove(value as JsonObject, 'c');
    expect(edits.print(value).toString()).toBe(text);
  });

  it('keeps the escapes of a JSON text within a string', () => {
    const inner = '{"nodes" : [{"id":"\\u0061"},{"id":"b"}],"x":"\\/"}';
    const text = `{"flowData":${JSON.stringify(inner).replace('nodes', '\\u006eodes')},"y":1.0}`;
    const spans = new SpanIndex();
    const edits = new JsonEdits(spans);
    const value = readExact(Buffer.from(text)) as { flowData: string };
    spans.add(new JsonText(Buffer.from(text)), value);
    const flow = readExact(Buffer.from(value.flowData)) as { nodes: Json[] };
    spans.addEmbedded(value, 'flowData', flow);
    edits.take(flow.nodes, 1);
    edits.insert(flow.nodes, 1, { id: 'ü"' });
    const printed = edits.print(value).toString();
    expect(printed).toContain(
      '\\u006eodes\\" : [{\\"id\\":\\"\\\\u0061\\"},{\\"id\\":\\"ü\\\\\\"\\"}],\\"x\\":\\"\\\\/\\"}","y":1.0}',
    );
    expect(
      readExact(Buffer.from((readExact(Buffer.from(printed)) as { flowData: string }).flowData)),
    ).toEqual({
      nodes: [{ id: 'a' }, { id: 'ü"' }],
      x: '/',
    });
  });
});
