import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PATIENCE_MS = 120_000;

/**
 * Starts the service `main` with one of the modules of this folder on an empty folder, asks whether it is ready, and
 * stops it. Throws an Error with what it said if it does not start or stop.
 */
export async function startOnce(main, required, environment) {
  const folder = mkdtempSync(join(tmpdir(), 'graphomat-build-'));
  const settings = { DATA_DIR: folder, HOST: '127.0.0.1', PORT: '0', LOG_FORMAT: 'json' };
  const child = spawn(process.execPath, ['--require', join(import.meta.dirname, required), main], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...settings, SHUTDOWN_DELAY_SECONDS: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
  });
  let said = '';
  child.stderr.on('data', (data) => (said += data));
  createInterface({ input: child.stdout }).on('line', (line) => {
    said += `${line}\n`;
    const address = /"address":"([^"]+)"/.exec(line)?.[1];
    if (address) void askOnce(address).finally(() => child.kill());
  });
  try {
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (code !== 0) throw new Error(`The service did not start for the bundle: code ${code}\n${said}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function askOnce(address) {
  await globalThis.fetch(`${address}/health/live`).catch(() => undefined);
}
