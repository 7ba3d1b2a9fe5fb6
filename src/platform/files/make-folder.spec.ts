import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder, makeFolderSync } from './make-folder';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'graphomat-test-folders-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const inTurn = async (path: string) => Promise.resolve().then(() => makeFolderSync(path));

describe.each([
  ['at once', inTurn],
  ['outside the event loop', makeFolder],
])('a folder that is created %s', (_, make) => {
  const codeFor = (path: string) =>
    make(path).then(
      () => 'created',
      (error: NodeJS.ErrnoException) => error.code,
    );

  it('comes with its parents, for its owner only, and is named with those that were missing', async () => {
    const [outer, inner] = [join(root, 'a'), join(root, 'a', 'b')];
    expect(await make(inner)).toEqual([outer, inner]);
    for (const folder of [outer, inner]) expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(await make(inner)).toEqual([]);
    expect(await make(join(inner, 'c/'))).toEqual([join(inner, 'c')]);
  });

  it('can be created by several at the same moment; one of them has created each', async () => {
    const path = join(root, 'a', 'b', 'c');
    const made = await Promise.all(Array.from({ length: 5 }, () => make(path)));
    expect(made.flat().sort()).toEqual([join(root, 'a'), join(root, 'a', 'b'), path]);
  });

  it('follows a link to a folder', async () => {
    mkdirSync(join(root, 'there'));
    symlinkSync(join(root, 'there'), join(root, 'link'));
    await make(join(root, 'link', 'x'));
    expect(existsSync(join(root, 'there', 'x'))).toBe(true);
  });

  it('ends with the reason where none can be: below a file, a link to nothing or to itself, with a long name', async () => {
    writeFileSync(join(root, 'file'), '');
    symlinkSync('/nowhere/at/all', join(root, 'dangling'));
    symlinkSync(join(root, 'loop'), join(root, 'loop'));
    expect(await codeFor(join(root, 'file'))).toBe('ENOTDIR');
    expect(await codeFor(join(root, 'file', 'x', 'y'))).toBe('ENOTDIR');
    expect(await codeFor(join(root, 'dangling', 'x'))).toBe('EEXIST');
    expect(await codeFor(join(root, 'loop', 'x'))).toBe('ELOOP');
    expect(await codeFor(join(root, 'a'.repeat(5_000)))).toBe('ENAMETOOLONG');
  });

  // Node's own `recursive` does not come back from there.
  (existsSync('/proc/self') ? it : it.skip)('ends below /proc, which knows no new folders', async () => {
    expect(await codeFor('/proc/graphomat-backup')).toBe('ENOENT');
    expect(await codeFor('/proc/graphomat-backup/x/y')).toBe('ENOENT');
  });
});
