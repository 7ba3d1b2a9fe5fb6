import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { databaseSchema } from '../database-schema';
import { AppConfig } from '../platform/config/app-config';
import { MasterKeySource } from '../platform/crypto/master-key-source';
import { move, type MovedResult, type MoveProgress } from '../platform/database/move';

const USAGE = `Usage: npm run move -- --from sqlite:///./data/workflow.db --to postgres://user:password@host/database
  Moves an installation from SQLite to an empty PostgreSQL database. Stop the service first. The source is only read.
  All or nothing: when it stops half way, the target is empty, and it can be called again.
  The master key must be at hand (ENCRYPTION_KEY or DATA_DIR), and the service needs the same one afterwards.`;

/** A bar on a terminal, nothing elsewhere. */
class Bar {
  private readonly bar = process.stderr.isTTY
    ? new SingleBar({ format: '{table} {bar} {value}/{total} rows' })
    : undefined;
  private started = false;

  show({ table, done, total }: MoveProgress): void {
    if (!this.started) this.bar?.start(total, 0, { table });
    this.started = true;
    this.bar?.update(done, { table });
  }

  end(): void {
    this.bar?.stop();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);

async function main(): Promise<number> {
  const urls = readUrls(process.argv.slice(2));
  if (!urls) {
    process.stdout.write(`${USAGE}\n`);
    return 2;
  }
  const keys = MasterKeySource.openExisting(AppConfig.fromProcess());
  const bar = new Bar();
  const interrupted = new AbortController();
  const stop = () => interrupted.abort(new Error('Stopped; the database to move to is empty.'));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const results = await move({
    ...urls,
    schema: databaseSchema,
    hasMasterKey: (id) => keys.current.find(id) !== undefined,
    onProgress: (progress) => bar.show(progress),
    signal: interrupted.signal,
  }).finally(() => bar.end());
  report(results);
  return 0;
}

function readUrls(args: string[]): { from: string; to: string } | undefined {
  try {
    const { from, to } = parseArgs({
      args,
      options: { from: { type: 'string' }, to: { type: 'string' } },
    }).values;
    return from && to ? { from, to } : undefined;
  } catch {
    return undefined;
  }
}

function report(results: readonly MovedResult[]): void {
  for (const { table, rows, sha256 } of results)
    process.stdout.write(`${table.padEnd(20)} ${String(rows).padStart(10)} rows  sha256 ${sha256}\n`);
  process.stdout.write(
    'MOVED: every table was read back and is as in the source, which is unchanged. Start the service with\n' +
      'DATABASE_URL set to the new database and the same ENCRYPTION_KEY (or keys folder), then run "npm run check".\n',
  );
}
