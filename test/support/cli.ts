import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { TestPlace } from './database';

/** What a command line tool did. */
export interface CliResult {
  code: number;
  output: string;
}

/** Runs a compiled tool (`dist/cli/<name>.js`) on a test's data, beside whatever else uses it. */
export function runCli(
  name: string,
  args: string[],
  place: TestPlace,
  environment: Record<string, string> = {},
): Promise<CliResult> {
  const file = join(__dirname, '..', '..', 'dist', 'cli', `${name}.js`);
  const env = {
    PATH: process.env['PATH'],
    DATA_DIR: place.dataDir,
    DATABASE_URL: place.databaseUrl,
    ...environment,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], { env, cwd: place.dataDir }, (error, stdout, stderr) => {
      const code = error ? Number(error.code ?? 1) : 0;
      resolve({ code, output: stdout + stderr });
    });
  });
}
