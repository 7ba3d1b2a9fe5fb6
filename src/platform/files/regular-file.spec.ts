import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrivateFile } from '../database/private-file';
import { readKey } from '../config/key-files';
import { requireRegularFile } from './regular-file';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'graphomat-test-files-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('refuses a folder, a device and a pipe with a sentence, and opens none of them', () => {
  const pipe = join(root, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const [path, what] of [
    [root, 'a folder'],
    ['/dev/null', 'not a regular file'],
    [pipe, 'not a regular file'],
  ] as const) {
    expect(() => requireRegularFile(path, 'the database')).toThrow(
      `${path} is ${what}, so it cannot be the database.`,
    );
    expect(() => createPrivateFile(path)).toThrow('so it cannot be the database');
    expect(() => readKey(path)).toThrow('so it cannot be a key');
  }
});

it('takes a file, and a name that is free', () => {
  writeFileSync(join(root, 'file'), 'x');
  expect(() => requireRegularFile(join(root, 'file'), 'a key')).not.toThrow();
  expect(() => requireRegularFile(join(root, 'none'), 'a key')).not.toThrow();
});
