import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

// The texts are linted under the names of files that are there, so that a ban follows a file that moves.
const ANYWHERE = 'src/auth/accounts.service.ts';
const CLOCK_HOME = 'src/platform/clock/clock.ts';
const CONFIG_HOME = 'src/platform/config/app-config.ts';
const TEST = 'test/support/app.ts';

/** A text, the file it is planted in, and the one rule that must refuse it; undefined: it must pass. */
type Case = readonly [what: string, file: string, text: string, rule: string | undefined];

const BANNED = 'no-restricted-syntax';
const NOW = 'export const at = Date.now();';
const NEW_DATE = 'export const at = new Date();';
const ENVIRONMENT = "export const home = process.env['HOME'];";
const FORWARD_REF = `import { forwardRef, Inject } from '@nestjs/common';
class Hen {}
export const egg = Inject(forwardRef(() => Hen));`;
const withParameters = (count: number) => `class Wide {
  constructor(${Array.from({ length: count }, (_, i) => `readonly part${i}: number`).join(', ')}) {}
}
export const wide = Wide;`;
const ofLines = (count: number) => 'export {};\n'.repeat(count);
const ANY_ERROR = `const text = '{';
expect(() => void JSON.parse(text)).toThrow();`;
const ANY_REJECTION = `const work = Promise.resolve();
export const seen = expect(work).rejects.toThrow();`;
const A_COUNT = `const list: string[] = [];
expect(list.length).toBeGreaterThanOrEqual(0);`;
const ANYTHING = `const list: string[] = [];
expect(list).toBeDefined();`;
const NAMED_ERROR = `expect(() => void JSON.parse('{')).toThrow(SyntaxError);
expect(() => void JSON.parse('1')).not.toThrow();`;
const FOLDERS = `import { mkdirSync } from 'node:fs';
export const make = (path: string) => mkdirSync(path, { recursive: true });`;
const CHANCE = 'export const afterMs = Math.random() * 700;';
const MODULE_MOCK = "jest.mock('../../src/platform/clock/clock');";
const FLOATING = `const work = async () => { await Promise.resolve(); };
export function start() { work(); }`;
const MISUSED = `const work = async () => { await Promise.resolve(); };
export function start(list: number[]) { list.forEach(async () => { await work(); }); }`;
const TAKEN_FOR_TRUE = `const allowed = () => Promise.resolve(false);
export function enter() { return allowed() ? 1 : 2; }`;
const MISSING_CASE = `export function name(status: 'draft' | 'active') {
  switch (status) { case 'draft': return 1; }
  return 0;
}`;
const ALL_CASES = `export function name(status: 'draft' | 'active') {
  switch (status) { case 'draft': return 1; case 'active': return 2; }
}`;
const GIVEN_TIME = 'export const text = (ms: number) => new Date(ms).toISOString();';

const CASES: readonly Case[] = [
  ['Date.now()', ANYWHERE, NOW, BANNED],
  ['Date.now()', CONFIG_HOME, NOW, BANNED],
  ['Date.now()', TEST, NOW, BANNED],
  ['Date.now()', CLOCK_HOME, NOW, undefined],
  ['new Date()', ANYWHERE, NEW_DATE, BANNED],
  ['new Date()', CONFIG_HOME, NEW_DATE, BANNED],
  ['new Date()', CLOCK_HOME, NEW_DATE, undefined],
  ['new Date(ms)', ANYWHERE, GIVEN_TIME, undefined],
  ['process.env', ANYWHERE, ENVIRONMENT, BANNED],
  ['process.env', CLOCK_HOME, ENVIRONMENT, BANNED],
  ['process.env', CONFIG_HOME, ENVIRONMENT, undefined],
  ['process.env', TEST, ENVIRONMENT, undefined],
  ['six dependencies', ANYWHERE, withParameters(6), undefined],
  ['seven dependencies', ANYWHERE, withParameters(7), BANNED],
  ['seven dependencies', CLOCK_HOME, withParameters(7), BANNED],
  ['seven dependencies', CONFIG_HOME, withParameters(7), BANNED],
  ['mkdir with its parents', ANYWHERE, FOLDERS, BANNED],
  ['mkdir with its parents', CLOCK_HOME, FOLDERS, BANNED],
  ['mkdir with its parents', CONFIG_HOME, FOLDERS, BANNED],
  ['mkdir with its parents', TEST, FOLDERS, undefined],
  ['300 lines', ANYWHERE, ofLines(300), undefined],
  ['301 lines', ANYWHERE, ofLines(301), 'max-lines'],
  ['any error', TEST, ANY_ERROR, BANNED],
  ['any rejection', TEST, ANY_REJECTION, BANNED],
  ['a count of 0 or more', TEST, A_COUNT, BANNED],
  ['whatever is defined', TEST, ANYTHING, BANNED],
  ['chance', TEST, CHANCE, BANNED],
  ['a named error', TEST, NAMED_ERROR, undefined],
  ...[ANYWHERE, CLOCK_HOME, CONFIG_HOME, TEST].flatMap((file): Case[] => [
    ['forwardRef', file, FORWARD_REF, BANNED],
    ['a mocked module', file, MODULE_MOCK, BANNED],
    ['a floating promise', file, FLOATING, 'typescript/no-floating-promises'],
    ['a promise where none is awaited', file, MISUSED, 'typescript/no-misused-promises'],
    ['a promise taken for true', file, TAKEN_FOR_TRUE, 'typescript/no-misused-promises'],
    ['a switch without one of its cases', file, MISSING_CASE, 'typescript/switch-exhaustiveness-check'],
    ['a switch with all of its cases', file, ALL_CASES, undefined],
  ]),
];

let answers: string[][];

beforeAll(() => {
  const texts = CASES.map(([, file, text]) => ({ file, text }));
  const answer = execFileSync(process.execPath, [join(__dirname, 'lint-texts.mjs')], {
    cwd: ROOT,
    input: JSON.stringify(texts),
    encoding: 'utf8',
  });
  answers = JSON.parse(answer) as string[][];
});

it.each(CASES.map(([what, file, , rule], index) => [what, file, rule ?? 'allowed', index] as const))(
  '%s in %s: %s',
  (_what, file, expected, index) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
    expect([...new Set(answers[index])]).toEqual(expected === 'allowed' ? [] : [expected]);
  },
);
