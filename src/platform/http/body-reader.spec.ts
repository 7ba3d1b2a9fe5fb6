import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { readBody } from './body-reader';

const LIMIT = 1_000_000;
const large = Buffer.alloc(600_000, 'large ');

/** Reads what `send` writes, in a request that says to be `length` bytes long; null: it says nothing. */
function reading(length: number | null, send: (payload: PassThrough) => void): Promise<Buffer> {
  const headers = length === null ? {} : { 'content-length': String(length) };
  const request = { headers, routeOptions: { bodyLimit: LIMIT } } as unknown as FastifyRequest;
  const payload = new PassThrough();
  const body = readBody(request, payload as unknown as IncomingMessage);
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
    ['says to be longer than allowed', LIMIT + 1, Buffer.alloc(0), 413],
    ['is longer than allowed and does not say so', null, Buffer.alloc(LIMIT + 1), 413],
    ['is shorter than it says', 8, Buffer.from('{"a":1}'), 400],
    ['is longer than it says', 6, Buffer.from('{"a":1}'), 400],
    ['is large and shorter than it says', large.length + 1, large, 400],
    ['is large and longer than it says', large.length - 1, large, 400],
  ])('refuses a body that %s', async (_, length, bytes, statusCode) => {
    await expect(reading(length, (payload) => payload.end(bytes))).rejects.toMatchObject({ statusCode });
  });

  it('refuses a body that breaks off', async () => {
    const broken = reading(large.length, (payload) => payload.destroy(new Error('aborted')));
    await expect(broken).rejects.toMatchObject({ statusCode: 400, message: 'aborted' });
  });
});
