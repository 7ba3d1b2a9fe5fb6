import { executionAsyncId } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDatabaseUrl } from '../../src/platform/database/database-url';

// Spec files run outside Jest's module registry and realm (test/jest). This is what they rely on all the same.
const thrown = (() => {
  try {
    return parseDatabaseUrl('ftp://somewhere');
  } catch (error) {
    return error as Error;
  }
})() as Error;

it('expect knows the classes that tests and the service use', () => {
  expect(thrown).toBeInstanceOf(Error);
  expect(() => parseDatabaseUrl('')).toThrow(Error);
  expect(new TypeError('one')).not.toEqual(new TypeError('another'));
  expect({ at: new Date(0), by: new Map([['a', [1]]]), of: new Set([{}]) }).toStrictEqual(
    structuredClone({ at: new Date(0), by: new Map([['a', [1]]]), of: new Set([{}]) }),
  );
  expect(['text', 1, true, {}, [], () => 1, 1n, Buffer.of(1)]).toEqual(
    [String, Number, Boolean, Object, Array, Function, BigInt, Uint8Array].map((type): unknown =>
      expect.any(type),
    ),
  );
  expect([1, 'text']).not.toEqual([expect.any(String), expect.any(Number)]);
});

it('a stack trace names the lines of the source', () => {
  const [, file, line] = /\((\S+database-url\.ts):(\d+):\d+\)/.exec(thrown.stack!)!;
  expect(file).toBe(join(__dirname, '..', '..', 'src', 'platform', 'database', 'database-url.ts'));
  expect(readFileSync(file!, 'utf8').split('\n')[Number(line) - 1]).toContain('throw new Error');
});

describe('a spy on an object of the service', () => {
  const spied = JSON.stringify;

  it('can be set', () => {
    jest.spyOn(JSON, 'stringify').mockReturnValue('spied');
    expect(JSON.stringify(1)).toBe('spied');
  });

  it('is gone in the next test', () => {
    expect(JSON.stringify).toBe(spied);
  });
});

it('Node does not follow the promises of a test', async () => {
  await Promise.resolve();
  // The number of a promise, if they are followed.
  expect(executionAsyncId()).toBe(0);
});
