import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, statfsSync } from 'node:fs';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { startChild, type ChildService } from './child';

const MIB = 1_048_576;

/** Whether this machine lets a process mount a small file system for itself (Linux, with user namespaces). */
export const canMount =
  process.platform === 'linux' &&
  spawnSync('unshare', ['-Urm', 'sh', '-c', 'mount -t tmpfs none /tmp']).status === 0;

/** The service on a disk of its own, which only it and its disk's functions see. */
export interface SmallDisk {
  service: ChildService;
  has(file: string): boolean;
  freeBytes(): number;
  /** Fills the disk, as another program would, until so many bytes are free. */
  fill(freeBytes: number): void;
  /** Removes what filled it. */
  empty(): void;
}

/** Starts the service in a mount namespace of its own, where `folder` is a file system of `mebibytes` in memory. */
export async function startOnSmallDisk(
  folder: string,
  mebibytes: number,
  environment: Record<string, string>,
): Promise<SmallDisk> {
  const mount = `mount -t tmpfs -o size=${mebibytes}m none "$0" && exec "$@"`;
  // At a low priority that it has no right to raise, as some run it: worker threads start all the same.
  const wrapper = ['nice', '-n', '8', 'unshare', '-Urm', 'sh', '-c', mount, folder];
  const service = await startChild(
    { DATA_DIR: folder, DISK_RESERVE_BYTES: '', ...environment },
    [],
    undefined,
    wrapper,
  );
  const root = `/proc/${service.process.pid}/root${folder}`;
  const filler = join(root, 'of-another-program');
  const freeBytes = () => {
    const { bavail, bsize } = statfsSync(root);
    return bavail * bsize;
  };
  return {
    service,
    has: (file) => existsSync(join(root, file)),
    freeBytes,
    fill: (left) => {
      const file = openSync(filler, 'a');
      for (let rest = freeBytes() - left; rest > 0; rest = freeBytes() - left) {
        try {
          writeSync(file, Buffer.alloc(Math.min(rest, MIB), 1));
        } catch (error) {
          // The service has taken what was left, such as for its log.
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        }
      }
      closeSync(file);
    },
    empty: () => rmSync(filler, { force: true }),
  };
}
