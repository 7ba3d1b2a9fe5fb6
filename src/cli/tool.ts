import { databaseSchema } from '../database-schema';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { KeyringStore } from '../platform/crypto/keyring.store';
import { MasterKeySource } from '../platform/crypto/master-key-source';
import { openBeside } from '../platform/database/beside';
import type { UnitOfWork } from '../platform/database/unit-of-work';

/** What a command line tool has to work with. */
export interface Tool {
  config: AppConfig;
  clock: Clock;
  unitOfWork: UnitOfWork;
  masterKeys: MasterKeySource;
  keyringStore: KeyringStore;
  /** Aborted by Ctrl-C: the tool stops at the next safe place. */
  signal: AbortSignal;
  say(line: string): void;
}

/** Runs a tool beside the service; what it returns is the exit code. Errors become one sentence and exit code 2. */
export function runTool(work: (tool: Tool, args: readonly string[]) => Promise<number>): void {
  main(work).then(
    (code) => process.exit(code),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(2);
    },
  );
}

async function main(work: (tool: Tool, args: readonly string[]) => Promise<number>): Promise<number> {
  const config = AppConfig.fromProcess();
  const clock = new Clock();
  const unitOfWork = await openBeside(config.database, databaseSchema);
  try {
    const masterKeys = MasterKeySource.openExisting(config);
    const say = (line: string) => void process.stdout.write(`${line}\n`);
    const tool = {
      config,
      clock,
      unitOfWork,
      masterKeys,
      keyringStore: new KeyringStore(),
      signal: untilInterrupted(),
      say,
    };
    return await work(tool, process.argv.slice(2));
  } finally {
    await unitOfWork.close();
  }
}

function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  process.once('SIGTERM', () => controller.abort());
  return controller.signal;
}
