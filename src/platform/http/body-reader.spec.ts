import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { readBody, type BodyReading } from './body-reader';

const LIMIT = 1_000_000;
const large = Buffer.alloc(600_000, 'large ');

/** Reads what `send` writes, of a body that says to be `length` bytes long; null: it says nothing. */
function reading(
  length: number | null,
  send: (payload: PassThrough) => void,
  more: Partial<BodyReading> = {},
): Promise<Buffer> {
  const payload = new PassThrough();
  const options = { length: length ?? NaN, limit: LIMIT, grown: () => undefined, ...more };
  const body = readBody(payload as unknown as IncomingMessage, options);
  send(payload);
  return body;
}

describe('readBody', () => {
  it.each([
    ['a small one', Buffer.from('{"a":1}'), 7],
    ['a large one', large, large.length],
    ['a large one that does not say how long it is', large, null],
  ])('puts the pieces together: %s', async (_, bytes, length) => {
    const body = await reading(length, (payload) => {
      for (let at = 0; at < bytes.length; at += 50_000) payload.write(bytes.subarray(at, at + 50_000));
      payload.end();
    });
    expect(body.equals(bytes)).toBe(true);
    expect(body.buffer instanceof SharedArrayBuffer).toBe(length === large.length);
  });

  it.each([
    ['is longer than allowed and does not say so', null, Buffer.alloc(LIMIT + 1), 413],
    ['is shorter than it says', 8, Buffer.from('{"a":1}'), 400],
    ['is longer than it says', 6, Buffer.from('{"a":1}'), 400],
    ['is large and shorter than it says', large.length + 1, large, 400],
    ['is large and longer than it says', large.length - 1, large, 400],
  ])('refuses a body that %s', async (_, length, bytes, statusCode) => {
    await expect(reading(length, (payload) => payload.end(bytes))).rejects.toMatchObject({ statusCode });
  });

  describe('which has come with its headers', () => {
    const cameWhole = (length: number | null, bytes: Buffer, limit = LIMIT) => {
      const payload = Object.assign(new PassThrough(), { complete: true });
      payload.end(bytes);
      const options = { length: length ?? NaN, limit, grown: () => undefined };
      return readBody(payload as unknown as IncomingMessage, options);
    };

    it.each([
      ['says how long it is', 7],
      ['does not say so', null],
    ])('is given as it is: %s', async (_, length) => {
      expect((await cameWhole(length, Buffer.from('{"a":1}'))).toString()).toBe('{"a":1}');
    });

    it('may be empty', async () => {
      expect(await cameWhole(0, Buffer.alloc(0))).toHaveLength(0);
    });

    it.each([
      ['is longer than allowed', null, 6, 413],
      ['is shorter than it says', 8, LIMIT, 400],
      ['is longer than it says', 6, LIMIT, 400],
    ])('is refused if it %s', async (_, length, limit, statusCode) => {
      const refused = cameWhole(length, Buffer.from('{"a":1}'), limit);
      await expect(refused).rejects.toMatchObject({ statusCode });
    });
  });

  it('refuses a body that breaks off', async () => {
    const broken = reading(large.length, (payload) => payload.destroy(new Error('aborted')));
    await expect(broken).rejects.toMatchObject({ statusCode: 400, message: 'aborted' });
  });

  it('refuses a body whose connection was closed before anyone read it', async () => {
    const payload = new PassThrough();
    payload.destroy();
    const options = { length: 5, limit: LIMIT, grown: () => undefined };
    const read = readBody(payload as unknown as IncomingMessage, options);
    await expect(read).rejects.toMatchObject({ statusCode: 400 });
  });

  it('refuses a body that comes too slowly', async () => {
    const slow = reading(large.length, (payload) => payload.write('a'), { progressMs: 1 });
    await expect(slow).rejects.toMatchObject({ kind: 'too_slow' });
  });

  it('ends with what the owner of its memory throws', async () => {
    const full = new Error('full');
    const grown = () => {
      throw full;
    };
    await expect(reading(null, (payload) => payload.end('abc'), { grown })).rejects.toBe(full);
  });
});
