import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PATIENCE_MS, until } from '../support/within';

const ROOT = join(__dirname, '..', '..');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'graphomat-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the tool in a process group of its own, and waits until the last process of the group has ended. */
async function replay(...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(
    process.execPath,
    ['-r', '@swc-node/register', join(ROOT, 'scripts', 'replay.ts'), ...args],
    { cwd: ROOT, env: { PATH: process.env['PATH'], TMPDIR: folder }, detached: true },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (said += data.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  await until(PATIENCE_MS, 'a process group without a process', () =>
    isEmpty(child.pid!) ? true : undefined,
  );
  return { code, said };
}

function isEmpty(group: number): boolean {
  try {
    process.kill(-group, 0);
    return false;
  } catch {
    return true;
  }
}

it('replay names every file that it cannot read, and starts nothing', async () => {
  const { code, said } = await replay('/no/such.ndjson.br', folder);
  expect({ code, said }).toEqual({
    code: 2,
    said: `/no/such.ndjson.br does not exist.\n${folder} is not a file.\nNothing was started.\n`,
  });
});

it('replay stops its service when a history is damaged, and leaves nothing behind', async () => {
  const file = join(folder, 'damaged.ndjson.br');
  writeFileSync(file, 'this is not brotli');
  const { code, said } = await replay(file);
  expect(code).toBe(2);
  expect(said).not.toMatch(/^\s+at /m);
  expect(readdirSync(folder).filter((name) => name.startsWith('graphomat-'))).toEqual([]);
});
