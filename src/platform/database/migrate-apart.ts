import { once } from 'node:events';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { DatabaseSchema } from './data-source';
import { openDataSource } from './data-source';
import { migrate } from './migrator';

/** How long a migration waits for another program that writes, such as a command line tool, ms. */
const BUSY_TIMEOUT_MS = 60_000;

/** What a thread says at its end: the migrations that it applied, or why it failed. */
type Outcome = { migrated: string[] } | { message: string; code: unknown; stack: string | undefined };

/**
 * Applies pending migrations to an SQLite file in a thread of its own, so that this one answers meanwhile. `worker` is
 * a compiled file that calls `migrateInThisThread`. Returns their names; throws what the migration threw.
 */
export async function migrateApart(worker: string, file: string): Promise<string[]> {
  const thread = new Worker(worker, { workerData: file });
  const [outcome] = (await once(thread, 'message')) as [Outcome];
  if ('migrated' in outcome) return outcome.migrated;
  const { message, code, stack } = outcome;
  throw Object.assign(new Error(message), { code, stack });
}

/** The thread's part of `migrateApart`. */
export async function migrateInThisThread(schema: DatabaseSchema): Promise<void> {
  parentPort!.postMessage(await outcomeOf(schema, workerData as string));
}

async function outcomeOf(schema: DatabaseSchema, file: string): Promise<Outcome> {
  try {
    const writer = await openDataSource({ kind: 'sqlite', file }, schema);
    try {
      await writer.query(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
      return { migrated: await migrate(writer) };
    } finally {
      await writer.destroy();
    }
  } catch (error) {
    const { message, stack, driverError } = error as Error & { driverError?: { code?: unknown } };
    const { code } = driverError ?? (error as { code?: unknown });
    return { message, code, stack };
  }
}
