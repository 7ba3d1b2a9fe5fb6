/**
 * Called by jest.config.js: on Linux the tests' temporary files are kept in memory where it has room. Databases and
 * copies are made durable with fsync many times in each test, and most tests would wait for the disk longer than they
 * compute. What a killed process leaves behind is the same. TMPDIR, if it is set, stays as it is.
 */
const { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statfsSync } = require('node:fs');
const { join } = require('node:path');

const MEMORY = '/dev/shm';
const PREFIX = 'graphomat-test-run-';
/** A full run needs less than a quarter of it, bytes. */
const ROOM = 2 * 1024 ** 3;

exports.useMemoryFolder = () => {
  if (process.env.TMPDIR || !hasRoom()) return;
  removeAbandoned();
  const folder = join(MEMORY, `${PREFIX}${process.pid}`);
  // Tests check that no answer contains `/tmp/`.
  const tmp = join(folder, 'tmp');
  mkdirSync(tmp, { recursive: true });
  // As the system's own: the tests' PostgreSQL may run as another user.
  chmodSync(folder, 0o755);
  chmodSync(tmp, 0o1777);
  process.env.TMPDIR = tmp;
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
};

function hasRoom() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return process.platform === 'linux' && bavail * bsize >= ROOM;
  } catch {
    return false;
  }
}

/** A run that was killed could not remove its folder. */
function removeAbandoned() {
  for (const name of readdirSync(MEMORY)) {
    const [, pid] = new RegExp(`^${PREFIX}(\\d+)$`).exec(name) ?? [];
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(MEMORY, name), { recursive: true, force: true });
  }
}
