import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { databaseKind, newPlace, type TestPlace } from '../support/database';

const MAIN = join(__dirname, '..', '..', 'dist', 'main.js');

/** The util-linux program that runs another one on a terminal of its own. */
function hasScript(): boolean {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux');
  } catch {
    return false;
  }
}

let place: TestPlace;
beforeEach(async () => {
  place = await newPlace();
});
afterEach(() => place.remove());

/** What the service says on a terminal until it listens, and how it ends after a signal. */
async function onTerminal(environment: Record<string, string>): Promise<string> {
  const child = spawn('script', ['-qefc', `exec ${process.execPath} ${MAIN}`, '/dev/null'], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      DATA_DIR: place.dataDir,
      DATABASE_URL: place.databaseUrl,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  let signalled = false;
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
      // Whole, with what follows it: half a number would be another process.
      const [, pretty, json] =
        /INFO \((\d+)\): .*listens on|"pid":(\d+)[,}]/.exec(stripVTControlCharacters(output)) ?? [];
      const pid = pretty ?? json;
      // It says more while it stops, and may be gone by then.
      if (pid === undefined || signalled) return;
      signalled = true;
      process.kill(Number(pid), 'SIGTERM');
      resolve();
    });
    void ended.then(() => reject(new Error(`It ended before it listened: ${output}`)));
  });
  await ended;
  return output;
}

const withTerminal = hasScript() && databaseKind === 'sqlite' ? it : it.skip;
withTerminal("the log is for people on a terminal (skipped without util-linux's script)", async () => {
  const output = await onTerminal({});
  const lines = stripVTControlCharacters(output).split(/\r?\n/);
  expect(lines.some((line) => /^\[.*\] INFO \(\d+\): GRAPHOMAT-BACKUP listens on http/.test(line))).toBe(
    true,
  );
  expect(lines.filter((line) => line.startsWith('{'))).toEqual([]);
  expect(output).not.toBe(stripVTControlCharacters(output));
});

withTerminal('and one JSON object a line where LOG_FORMAT says so', async () => {
  const output = await onTerminal({ LOG_FORMAT: 'json' });
  const lines = output.split(/\r?\n/).filter((line) => line !== '');
  expect(lines.map((line) => typeof (JSON.parse(line) as { msg: unknown }).msg)).toEqual(
    lines.map(() => 'string'),
  );
});
