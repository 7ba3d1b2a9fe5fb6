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
