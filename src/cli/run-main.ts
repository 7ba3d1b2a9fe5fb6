import { explainError } from '../platform/errors/explain-error';
import { resumeOptimizing } from '../platform/memory/optimizing';

/** The tool was called in a way that it does not know; its usage is printed. */
export class UsageError extends Error {}

/**
 * Runs a command line tool to its end. `--help` prints the usage and ends with 0. What `main` returns is the exit code
 * otherwise; an error becomes one sentence on standard error and the exit code 2, after a wrong call with the usage.
 */
export function runMain(usage: string, main: (args: string[]) => Promise<number>): void {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  }
  resumeOptimizing();
  main(args).then(
    (code) => process.exit(code),
    (error: unknown) => {
      process.stderr.write(`${sentenceOf(error)}\n`);
      if (isUsageError(error)) process.stderr.write(`${usage}\n`);
      process.exit(2);
    },
  );
}

/** Reads the value of an option. Throws a UsageError that names it if `read` throws; see `parseDatabaseUrl`. */
export function readOption<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(`${name} ${(error as Error).message}.`);
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof UsageError && error.message === '') return 'The command is not complete or not known.';
  return explainError(error) ?? (error instanceof Error ? error.message : String(error));
}

/** Also what `parseArgs` says of an option that it does not know. */
function isUsageError(error: unknown): boolean {
  const { code } = error as { code?: string };
  return error instanceof UsageError || (code?.startsWith('ERR_PARSE_ARGS') ?? false);
}
