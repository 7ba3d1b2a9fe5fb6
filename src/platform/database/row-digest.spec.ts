import fc from 'fast-check';
import { RowDigest, type CellValue } from './row-digest';

const value: fc.Arbitrary<CellValue> = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.uint8Array(),
  fc.constant(null),
);
const table = fc.array(fc.array(value, { minLength: 2, maxLength: 2 }), { maxLength: 5 });

function digestOf(rows: CellValue[][]) {
  const digest = new RowDigest();
  for (const row of rows) digest.add(row);
  return digest.end();
}

it('is equal for equal rows and differs for all others', () => {
  fc.assert(
    fc.property(table, table, (one, other) => {
      const same = JSON.stringify(one.map(plain)) === JSON.stringify(other.map(plain));
      expect(digestOf(one).sha256 === digestOf(other).sha256).toBe(same);
    }),
  );
});

it('distinguishes text, numbers and bytes, null and empty, and where a value ends', () => {
  const alike: CellValue[][] = [
    ['1', ''],
    [1, ''],
    [Buffer.from('1'), ''],
    ['', '1'],
    [null, '1'],
    ['1', null],
  ];
  expect(new Set(alike.map((row) => digestOf([row]).sha256)).size).toBe(alike.length);
});

it('counts rows', () => expect(digestOf([[1], [2], [3]]).rows).toBe(3));

const plain = (row: CellValue[]) =>
  row.map((cell) => (cell instanceof Uint8Array ? { bytes: [...cell] } : Object.is(cell, -0) ? 0 : cell));
