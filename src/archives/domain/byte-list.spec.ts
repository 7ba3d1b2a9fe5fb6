import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { ByteList } from './byte-list';

it('gives back what was appended, whatever the lengths are', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200_000)), (lengths) => {
      const list = new ByteList();
      const parts = lengths.map((length) => randomBytes(length));
      for (const part of parts) list.append(part);
      const whole = Buffer.concat(parts);
      expect(list.length).toBe(whole.length);
      expect(Buffer.concat([...list]).equals(whole)).toBe(true);
    }),
    { numRuns: 30 },
  );
});
