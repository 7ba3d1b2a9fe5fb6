import fc from 'fast-check';
import { splitArray } from './split-array';

const SPACE = fc.stringMatching(/^[ \t\r\n]{0,3}$/);

it('cuts an array into the exact bytes of its items', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.jsonValue(), SPACE, SPACE)), SPACE, (items, space) => {
      const texts = items.map(([value]) => JSON.stringify(value, null, 1));
      const array = `[${space}${items.map(([, before, after], index) => before + texts[index] + after).join(',')}]`;
      const bytes = Buffer.from(array);
      const cut = splitArray(bytes).map(({ start, end }) => bytes.subarray(start, end).toString());
      expect(cut).toEqual(texts);
    }),
  );
});
