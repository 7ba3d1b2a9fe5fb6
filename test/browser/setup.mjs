import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = join(import.meta.dirname, '..', '..', 'node_modules');
const { version } = JSON.parse(
  readFileSync(join(PACKAGES, '@sparticuz', 'chromium', 'package.json'), 'utf8'),
);
/** Not the temporary folder: that may be in memory, where some machines start no programs. */
const FOLDER = join(PACKAGES, '.cache', `chromium-${version}`);

/**
 * Unpacks the Chromium of the package once, before the workers start. CHROMIUM_PATH names one of your own. Stays in
 * the environment, which the workers inherit.
 */
export default async function setup() {
  if (process.env.CHROMIUM_PATH) return;
  const { default: chromium } = await import('@sparticuz/chromium');
  const { TMPDIR } = process.env;
  mkdirSync(FOLDER, { recursive: true });
  // The package unpacks into the temporary folder, unless it has done so before.
  process.env.TMPDIR = FOLDER;
  process.env.CHROMIUM_PATH = await chromium.executablePath();
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
}
