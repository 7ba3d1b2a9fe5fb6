import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Writable } from 'node:stream';
import { readHistory } from '../../../scripts/corpus';
import { withFolder } from '../folder';

/** Windows of `zstd --long`: 27 is its default, 31 its largest. */
const WINDOW_LOG_MIN = 27;
const WINDOW_LOG_MAX = 31;

/** What git needs, bytes: its whole object store, and the pack in it without the pack's index. */
export interface GitSizes {
  store: number;
  pack: number;
}

/**
 * What git needs after `git gc --aggressive`, commits and trees included, with one commit a revision of one file;
 * null when there is no git. A bare repository would get bitmaps, which speed up clones; a working copy has none.
 */
export function gitSizes(file: string): Promise<GitSizes | null> {
  return withFolder(async (folder) => {
    if (!(await run('git', ['init', '-q', '--bare', folder]))) return null;
    const git = ['-C', folder, '-c', 'repack.writeBitmaps=false'];
    const fed = await run('git', [...git, 'fast-import', '--quiet'], (input) => writeCommits(input, file));
    const packed = fed && (await run('git', [...git, 'gc', '-q', '--aggressive', '--prune=now']));
    return packed ? sizesUnder(join(folder, 'objects')) : null;
  });
}

/** Bytes of the whole history in one stream of `zstd -19 --long`; null when there is no zstd command. */
export async function zstdBytes(file: string, rawBytes: number): Promise<number | null> {
  const windowLog = Math.min(Math.max(Math.ceil(Math.log2(rawBytes)), WINDOW_LOG_MIN), WINDOW_LOG_MAX);
  let bytes = 0;
  const done = await run(
    'zstd',
    ['-q', '-c', '-19', '-T1', `--long=${windowLog}`],
    async (input) => {
      for await (const revision of readHistory(file)) await write(input, revision);
    },
    (part) => (bytes += part.length),
  );
  return done ? bytes : null;
}

// The format is git-fast-import(1)'s.
async function writeCommits(input: Writable, file: string): Promise<void> {
  let number = 0;
  for await (const revision of readHistory(file)) {
    number += 1;
    const message = `revision ${number}`;
    const head =
      `commit refs/heads/main\ncommitter Bench <bench@example.org> ${number * 60} +0000\n` +
      `data ${message.length}\n${message}\nM 644 inline flow.json\ndata ${revision.length}\n`;
    await write(input, Buffer.concat([Buffer.from(head), revision, Buffer.from('\n')]));
  }
}

/** Whether the command is there and ended well. */
async function run(
  command: string,
  args: string[],
  feed?: (input: Writable) => Promise<void>,
  take?: (part: Buffer) => void,
): Promise<boolean> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (part: Buffer) => take?.(part));
  if (child.pid === undefined) return ended;
  await feed?.(child.stdin);
  child.stdin.end();
  return ended;
}

async function write(stream: Writable, bytes: Buffer): Promise<void> {
  if (!stream.write(bytes)) await once(stream, 'drain');
}

function sizesUnder(folder: string): GitSizes {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const bytes = (kind: string) =>
    files
      .filter(({ name }) => name.endsWith(kind))
      .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  return { store: bytes(''), pack: bytes('.pack') };
}
