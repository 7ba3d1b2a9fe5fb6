import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { TestPlace } from './database';
import { runInProcess, type CliResult } from './tool-in-process';

export type { CliResult } from './tool-in-process';

/** A command line tool that runs. */
export interface RunningCli {
  process: ChildProcess;
  /** All that it said, on either output, and its code; null when a signal ended it. */
  ended: Promise<{ code: number | null; output: string }>;
}

/** Begins a compiled tool as `spawnCli` does; `heard` is called with all that it has said so far, whenever it says more. */
export function startCli(
  name: string,
  args: string[],
  place: TestPlace,
  heard: (output: string) => void,
  environment: Record<string, string> = {},
): RunningCli {
  const child = spawn(process.execPath, [fileOf(name), ...args], {
    env: { ...environmentOf(place), ...environment },
    cwd: place.dataDir,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => heard((output += data.toString())));
  const ended = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, output })),
  );
  return { process: child, ended };
}

/**
 * Runs a tool on a test's data, in the process of the test: for what it does to the data, what it says, and its code.
 * Services of the test may run; one that writes meanwhile must be in another process, as with `spawnCli`.
 */
export function runCli(
  name: string,
  args: string[],
  place: TestPlace,
  environment: Record<string, string> = {},
): Promise<CliResult> {
  return runInProcess(name, args, { ...environmentOf(place), ...environment });
}

/** Runs a compiled tool (`dist/cli/<name>.js`) as it is delivered, in a process of its own. */
export function spawnCli(
  name: string,
  args: string[],
  place: TestPlace,
  environment: Record<string, string> = {},
): Promise<CliResult> {
  const command = [fileOf(name), ...args];
  const env = { ...environmentOf(place), ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env, cwd: place.dataDir }, (error, stdout, stderr) => {
      const code = error ? Number(error.code ?? 1) : 0;
      resolve({ code, output: stdout + stderr });
    });
  });
}

const fileOf = (name: string) => join(__dirname, '..', '..', 'dist', 'cli', `${name}.js`);

const environmentOf = (place: TestPlace) => ({
  PATH: process.env['PATH'],
  DATA_DIR: place.dataDir,
  DATABASE_URL: place.databaseUrl,
});
