import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';

/** The service as a separate process. */
export interface ChildService {
  process: ChildProcess;
  url: string;
  /** Milliseconds from the start of the process to its line with the address. */
  startedInMs: number;
  /** The log so far, line by line; empty if it is written to a file. */
  lines: string[];
  /** Standard error so far. */
  complaint(): string;
  /** Resolves when the process has ended and all it said was read: the exit code, or null when a signal ended it. */
  ended: Promise<number | null>;
  /** Sends a signal and waits for the end; the exit code, or null when a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const LOOK_EVERY_MS = 20;
// In the container's image this file is itself below dist/.
const MAIN = [join(__dirname, '..', 'dist', 'main.js'), join(__dirname, '..', 'main.js')].find(existsSync);

/**
 * Starts `dist/main.js` (or another build's) on a free port and waits until it listens. Throws its error message if it
 * does not start. `wrapper`: a command that runs it. `logFile`: where its log goes, for a load generator, which would take
 * time from its own requests to read a line for each of them.
 */
export async function startChild(
  environment: Record<string, string>,
  execArgv: readonly string[] = [],
  main = MAIN ?? '',
  wrapper: string[] = [],
  logFile?: string,
): Promise<ChildService> {
  if (!existsSync(main)) throw new Error('dist/main.js is missing: run "npm run build" first.');
  const begun = performance.now();
  // Benches and tests have several users, and more requests than a person.
  const open = { REGISTRATION: 'open', THROTTLE_PER_MINUTE: '0', DISK_RESERVE_BYTES: '0' };
  const defaults = { HOST: '127.0.0.1', PORT: '0', SHUTDOWN_DELAY_SECONDS: '0', ...open };
  const env = { PATH: process.env['PATH'] ?? '', ...defaults, ...environment };
  const [program = '', ...args] = [...wrapper, process.execPath, ...execArgv, main];
  const output = logFile === undefined ? 'pipe' : openSync(logFile, 'w');
  const child = spawn(program, args, { env, stdio: ['ignore', output, 'pipe'] });
  if (typeof output === 'number') closeSync(output);
  const kill = () => void child.kill('SIGKILL');
  // A program that ends without stopping its service must not leave it running.
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  let complaint = '';
  child.stderr?.on('data', (data: Buffer) => (complaint += data.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const failed = ended.then((code) => {
    throw new Error(`The service ended with code ${code}: ${complaint}`);
  });
  const lines: string[] = [];
  const listens = logFile === undefined ? addressOf(child, lines) : addressIn(logFile, child, failed);
  const url = await Promise.race([listens, failed]);
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return ended;
  };
  return {
    process: child,
    url,
    startedInMs: performance.now() - begun,
    lines,
    complaint: () => complaint,
    ended,
    stop,
  };
}

/** The address of a service, from the log that it prints; goes on reading its lines. */
function addressOf({ stdout }: ChildProcess, lines: string[]): Promise<string> {
  return new Promise((resolve) => {
    createInterface({ input: stdout as Readable }).on('line', (line) => {
      lines.push(line);
      const address = findAddress(line);
      if (address) resolve(address);
    });
  });
}

/** The address of a service that writes its log to a file; rejects as `failed` does if the service ends before. */
async function addressIn(logFile: string, child: ChildProcess, failed: Promise<never>): Promise<string> {
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  for (; isAlive(); await sleep(LOOK_EVERY_MS)) {
    const address = findAddress(readFileSync(logFile, 'utf8'));
    if (address) return address;
  }
  return failed;
}

/** Logs are JSON, or pretty: then with colours. */
function findAddress(log: string): string | undefined {
  return /"?address"?: ?"([^"]+)"/.exec(stripVTControlCharacters(log))?.[1];
}
