import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

// Compiled, and in a process of its own: what it does to a process cannot be taken back.
const GUARD = join(__dirname, '../../../dist/platform/hardening/guard-prototypes.js');

function guarded(code: string): unknown {
  const script = `'use strict'; require(${JSON.stringify(GUARD)}); ${code}`;
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }));
}

const REFUSED = [
  ["Object.prototype['x'] = 1", 'a new member of all objects'],
  ["Array.prototype['x'] = 1", 'a new member of all arrays'],
  ["({}).toString['x'] = 1", 'a member of a method that all objects share'],
  ["({}).constructor['x'] = 1", 'a member of Object'],
  ["({}).constructor.constructor['x'] = 1", 'a member of Function'],
];

it.each(REFUSED)('%s is refused: %s', (code) => {
  const answer = guarded(
    `try { ${code}; } catch (error) { process.stdout.write(JSON.stringify(error.name)); }`,
  );
  expect(answer).toBe('TypeError');
});

it('allows own members with any name', () => {
  const names = ['__proto__', 'toString', 'constructor', 'name'];
  const code = `const o = {}; for (const n of ${JSON.stringify(names)}) o[n] = n; process.stdout.write(JSON.stringify(o));`;
  expect(Object.entries(guarded(code) as object)).toEqual(names.map((name) => [name, name]));
});

it('allows named errors, and libraries that set how stacks are made', () => {
  const code =
    "class X extends Error { constructor() { super('m'); this.name = 'X'; } } Error.stackTraceLimit = 20; " +
    'Error.prepareStackTrace = undefined; process.stdout.write(JSON.stringify(new X().name));';
  expect(guarded(code)).toBe('X');
});
