import fc from 'fast-check';
import { BlockError, BlockWriter, decodeBlock, type ReadRows, type Row, type Value } from './row-block';
import { anyCharacter } from '../../../test/support/any-character';

const table = { table: 'things', key: ['id'], owner: 'user_key', columns: ['id', 'a', 'b'] };
const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.maxSafeInteger(),
  fc.string({ unit: anyCharacter }).filter((text) => text.isWellFormed()),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const blocks = new BlockWriter();
const valuesOf = (rows: Row[]) => rows.map((row) => table.columns.map((column) => row[column]!));
const encoded = (rows: Row[]) => blocks.rows(table, { rows: valuesOf(rows), joined: [] });
const rows = fc.array(fc.record({ id: value, a: value, b: value }), { maxLength: 20 });

it('gives back the rows that went in', () => {
  fc.assert(
    fc.property(rows, (given: Row[]) => {
      expect(decodeBlock(encoded(given))).toEqual({ rows: { ...table, rows: given } });
    }),
  );
});

const someBytes = fc.option(fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)));
const rowsWithBytes = fc.array(fc.record({ id: fc.nat(), a: someBytes, b: someBytes }), { maxLength: 20 });

it('makes the same block of rows whose bytes are joined', () => {
  fc.assert(
    fc.property(rowsWithBytes, (given) => {
      const whole = Buffer.from(encoded(given));
      expect(blocks.rows(table, withJoinedBytes(given)).equals(whole)).toBe(true);
    }),
  );
});

function withJoinedBytes(rows: Array<{ id: number; a: Buffer | null; b: Buffer | null }>): ReadRows {
  const joinedOf = (column: 'a' | 'b') => Buffer.concat(rows.flatMap((row) => row[column] ?? []));
  return {
    rows: rows.map(({ id, a, b }) => [id, a?.length ?? null, b?.length ?? null]),
    joined: [undefined, joinedOf('a'), joinedOf('b')],
  };
}

it.each([2, 4])('refuses joined bytes of another length than the rows say: %d', (length) => {
  const joined = [undefined, Buffer.alloc(3), undefined];
  expect(() => blocks.rows(table, { rows: [[1, length, null]], joined })).toThrow(BlockError);
});

it('gives back removals', () => {
  const removals = [
    { graph: { user_key: 1, id: 'ab'.repeat(16) } },
    { versions: { user_key: 1, graph_key: 2, kept: [1, 5], texts: [1] } },
  ];
  expect(decodeBlock(blocks.removals(removals))).toEqual({ removals });
});

it('keeps large rows, and refuses numbers that it could not give back', () => {
  const large = Buffer.alloc(5_000_000, 7);
  const block = encoded([{ id: 1, a: large, b: 'ü'.repeat(700_000) }]);
  const back = decodeBlock(block) as { rows: { rows: Row[] } };
  expect(large.equals(back.rows.rows[0]!['a'] as Buffer)).toBe(true);
  expect(back.rows.rows[0]!['b'] === 'ü'.repeat(700_000)).toBe(true);
  expect(() => encoded([{ id: 0.5, a: null, b: null }])).toThrow(BlockError);
});

it('never takes a cut block for a whole one', () => {
  const whole = Buffer.from(encoded([{ id: 1, a: 'text', b: Buffer.from('bytes') }]));
  for (let length = 0; length < whole.length; length += 1)
    expect(() => decodeBlock(whole.subarray(0, length))).toThrow(BlockError);
  expect(() => decodeBlock(Buffer.concat([whole, Buffer.of(0)]))).toThrow(BlockError);
});
