import '../from-bundle';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { databaseSchema } from '../database-schema';
import { MasterKeySource } from '../platform/crypto/master-key-source';
import {
  migrateToPostgres,
  type MigratedTableResult,
  type MigrationProgress,
} from '../platform/database/migrate-to-postgres';
import { configOfTool } from './config-of-tool';
import { parseDatabaseUrl } from '../platform/database/database-url';
import { UsageError, readOption, runMain } from './run-main';

const USAGE = `Usage: npm run migrate-to-postgres -- --from sqlite:///./data/workflow.db --to postgres://user:password@host/database
  Moves an installation from SQLite to an empty PostgreSQL database. Stop the service first. The source is only read.
  All or nothing: if it stops half-way, nothing was moved, no service starts on the target, and you can run the same
  command again.
  It needs the master key (ENCRYPTION_KEY or DATA_DIR), and the service needs the same one afterwards.`;

/** Lines of progress for a whole move when there is no terminal. */
const LINES = 10;

/** Progress on standard error: a bar on a terminal, otherwise a line for each tenth. */
class Progress {
  private readonly bar = process.stderr.isTTY
    ? new SingleBar({ format: '{table} {bar} {value}/{total} rows' })
    : undefined;
  private started = false;
  private tenths = 0;

  show({ table, done, total }: MigrationProgress): void {
    if (!this.bar) return this.say(table, done, total);
    if (!this.started) this.bar.start(total, 0, { table });
    this.started = true;
    this.bar.update(done, { table });
  }

  end(): void {
    this.bar?.stop();
  }

  private say(table: string, done: number, total: number): void {
    const tenths = Math.floor((done / total) * LINES);
    if (tenths === this.tenths) return;
    this.tenths = tenths;
    process.stderr.write(`${tenths * (100 / LINES)} %: ${done} of ${total} rows, now ${table}\n`);
  }
}

runMain(USAGE, main);

async function main(args: string[]): Promise<number> {
  const urls = readUrls(args);
  const keys = MasterKeySource.openExisting(configOfTool());
  const progress = new Progress();
  const interrupted = new AbortController();
  const stop = () =>
    interrupted.abort(
      new Error('Stopped: nothing was moved. No service starts on that database until a move has completed.'),
    );
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const results = await migrateToPostgres({
    ...urls,
    schema: databaseSchema,
    hasMasterKey: (id) => keys.current.find(id) !== undefined,
    onProgress: (step) => progress.show(step),
    signal: interrupted.signal,
  }).finally(() => progress.end());
  report(results);
  return 0;
}

function readUrls(args: string[]): { from: string; to: string } {
  const options = { from: { type: 'string' }, to: { type: 'string' } } as const;
  const { from, to } = parseArgs({ args, options }).values;
  if (!from || !to) throw new UsageError('--from and --to are both needed.');
  readOption('--from', () => parseDatabaseUrl(from));
  readOption('--to', () => parseDatabaseUrl(to));
  return { from, to };
}

function report(results: readonly MigratedTableResult[]): void {
  for (const { table, rows, sha256 } of results)
    process.stdout.write(`${table.padEnd(20)} ${String(rows).padStart(10)} rows  sha256 ${sha256}\n`);
  process.stdout.write(
    'MOVED: every table was read back and equals the source, which is unchanged. Start the service with\n' +
      'DATABASE_URL set to the new database and the same ENCRYPTION_KEY (or keys folder), then run "npm run check".\n',
  );
}
