import type { TestPlace } from './database';
import { rawSql } from './raw-database';
import { PATIENCE_MS, until } from './within';

/** Waits until so many statements of the place's service wait for a lock; PostgreSQL only. */
export function untilWaiting(place: TestPlace, count: number): Promise<true> {
  return until(PATIENCE_MS, `${count} statements that wait for a lock`, async () => {
    // On a connection of its own: inside a transaction the view stands still.
    const [row] = await rawSql(
      place,
      `SELECT COUNT(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return Number(row!['n']) >= count ? true : undefined;
  });
}

/**
 * Waits until no service and no tool is connected to the place's database: the server notices the end of a killed one a
 * moment later, and until then a rebuild refuses to go on. On SQLite its lock ends with the process.
 */
export async function untilAlone(place: TestPlace): Promise<void> {
  if (!place.databaseUrl.startsWith('postgres')) return;
  await until(PATIENCE_MS, 'the end of the sessions of a killed process', async () => {
    const sessions = `SELECT 1 FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'graphomat-backup'`;
    return (await rawSql(place, sessions)).length === 0 ? true : undefined;
  });
}
