import { mkdirSync, readFileSync, renameSync, rmSync, existsSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = join(import.meta.dirname, '..', '..', 'node_modules');
const { version } = JSON.parse(
  readFileSync(join(PACKAGES, '@sparticuz', 'chromium', 'package.json'), 'utf8'),
);
/** Not the temporary folder: that may be in memory, where some machines start no programs. */
const CACHE = join(PACKAGES, '.cache');
const FOLDER = join(CACHE, `chromium-${version}`);
/** What the package looks at to find out whether it has to bring the libraries of a browser, too. */
const BARE_MACHINE = { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' };

/**
 * Unpacks the Chromium of the package once, before the workers start, with the fonts and libraries that a bare machine
 * lacks. CHROMIUM_PATH names one of your own. The three variables stay in the environment, which the workers inherit.
 */
export default async function setup() {
  if (process.env.CHROMIUM_PATH) return;
  if (!existsSync(FOLDER)) await unpack();
  process.env.CHROMIUM_PATH = join(FOLDER, 'chromium');
  process.env.CHROMIUM_LIBRARIES = join(FOLDER, 'al2023', 'lib');
  process.env.CHROMIUM_FONTS = join(FOLDER, 'fonts');
}

/** Into a folder of its own first, so that one that was killed leaves nothing half. */
async function unpack() {
  const unfinished = `${FOLDER}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const before = { ...process.env };
  try {
    // The package unpacks into the temporary folder.
    Object.assign(process.env, BARE_MACHINE, { TMPDIR: unfinished });
    const { default: chromium } = await import('@sparticuz/chromium');
    await chromium.executablePath();
    renameSync(unfinished, FOLDER);
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    rmSync(unfinished, { recursive: true, force: true });
  }
}
