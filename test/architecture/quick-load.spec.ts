import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QUICK_LOAD } from '../support/child';

/** More modules than quick-load.cjs needs to keep what it has compiled. */
const MODULES = 60;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'graphomat-quick-load-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string) => join(folder, name);
const run = () =>
  execFileSync(process.execPath, [...QUICK_LOAD, file('main.js')], { stdio: 'pipe' }).toString();

function writeModules(): void {
  for (let i = 0; i < MODULES; i += 1) writeFileSync(file(`m${i}.js`), `exports.value = 'first ${i}';`);
  const all = Array.from({ length: MODULES }, (_, i) => `require('./m${i}').value`).join(',');
  writeFileSync(file('main.js'), `console.log([${all}].join(' '), __filename, require.main === module);`);
}

it('loads the same modules a second time, and loads a changed or moved one again', () => {
  writeModules();
  const first = run();
  expect(first).toContain(`first 59 ${file('main.js')} true`);
  expect(run()).toBe(first);

  writeFileSync(file('m3.js'), "exports.value = 'second 3';");
  utimesSync(file('m3.js'), 1, 1);
  expect(run()).toBe(first.replace('first 3 ', 'second 3 '));

  renameSync(file('m4.js'), file('m4.json'));
  writeFileSync(file('m4.json'), JSON.stringify({ value: 'third 4' }));
  expect(run()).toBe(first.replace('first 3 ', 'second 3 ').replace('first 4 ', 'third 4 '));
});

it('reports a fault at its place in the file', () => {
  writeModules();
  writeFileSync(file('m5.js'), "'use strict'; null.value;");
  const failed = () => {
    try {
      return run();
    } catch (error) {
      return String((error as { stderr: Buffer }).stderr);
    }
  };
  for (let i = 0; i < 2; i += 1) expect(failed()).toContain(`${file('m5.js')}:1:20`);
  expect(readFileSync(file('m5.js'), 'utf8')[19]).toBe('v');
});
