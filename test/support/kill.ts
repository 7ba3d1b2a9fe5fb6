import { startChild, type ChildService } from './child';
import type { TestPlace } from './database';
import { KILLABLE, killPoint } from './killed';
import { rawSql } from './raw-database';
import { PATIENCE_MS, until } from './within';

/** Schedules that would add statements of their own. */
const NEVER = '0 0 1 1 *';

/**
 * Starts the service on a place and lets it kill itself before the n-th statement that writes, counted from the first
 * one that contains `from`; with 0, `work` kills it. `work` is what makes it write, and may fail. Afterwards the leases of the dead process have
 * expired. Throws if the service survives.
 */
export async function killedAt(
  place: TestPlace,
  { from, statement }: { from: string; statement: number },
  work: (child: ChildService) => Promise<unknown>,
): Promise<void> {
  const settings = {
    ...{ DATA_DIR: place.dataDir, DATABASE_URL: place.databaseUrl },
    ...{ BACKUP_CRON: NEVER, RETENTION_CRON: NEVER },
    ...killPoint({ at: statement, from }),
  };
  const child = await startChild(settings, KILLABLE);
  try {
    void work(child).catch(() => undefined);
    await until(
      PATIENCE_MS,
      `the kill before statement ${statement}`,
      () => child.process.signalCode ?? undefined,
    );
  } finally {
    await child.stop('SIGKILL');
  }
  await rawSql(place, 'UPDATE jobs SET expires_at = 0');
}
