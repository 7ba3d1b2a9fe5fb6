import fc from 'fast-check';
import { BlockError, decodeBlock, encodeRemovals, encodeRows, type Row, type Value } from './row-block';

const table = { table: 'things', key: ['id'], owner: 'user_key', columns: ['id', 'a', 'b'] };
const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.maxSafeInteger(),
  fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const rows = fc.array(fc.record({ id: value, a: value, b: value }), { maxLength: 20 });

it('gives back the rows that went in', () => {
  fc.assert(
    fc.property(rows, (given: Row[]) => {
      expect(decodeBlock(encodeRows({ ...table, rows: given }))).toEqual({ rows: { ...table, rows: given } });
    }),
  );
});

it('gives back removals', () => {
  const removals = [
    { graph: { user_key: 1, id: 'ab'.repeat(16) } },
    { versions: { user_key: 1, graph_key: 2, kept: [1, 5], texts: [1] } },
  ];
  expect(decodeBlock(encodeRemovals(removals))).toEqual({ removals });
});

it('keeps large rows, and refuses numbers that it could not give back', () => {
  const large = Buffer.alloc(5_000_000, 7);
  const block = encodeRows({ ...table, rows: [{ id: 1, a: large, b: 'ü'.repeat(700_000) }] });
  const back = decodeBlock(block) as { rows: { rows: Row[] } };
  expect(large.equals(back.rows.rows[0]!['a'] as Buffer)).toBe(true);
  expect(back.rows.rows[0]!['b'] === 'ü'.repeat(700_000)).toBe(true);
  expect(() => encodeRows({ ...table, rows: [{ id: 0.5, a: null, b: null }] })).toThrow(BlockError);
});

it('never takes a cut block for a whole one', () => {
  const whole = encodeRows({ ...table, rows: [{ id: 1, a: 'text', b: Buffer.from('bytes') }] });
  for (let length = 0; length < whole.length; length += 1)
    expect(() => decodeBlock(whole.subarray(0, length))).toThrow(BlockError);
  expect(() => decodeBlock(Buffer.concat([whole, Buffer.of(0)]))).toThrow(BlockError);
});
