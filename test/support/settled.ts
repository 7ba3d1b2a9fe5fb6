import { UnitOfWork } from '../../src/platform/database/unit-of-work';
import type { TestApp } from './app';
import { rawSql } from './raw-database';
import { PATIENCE_MS, until } from './within';

/**
 * Resolves when all events of the journal can be followed. On PostgreSQL, an open transaction of any database of the
 * server, also of another test, holds them back: copies and webhooks would not contain them yet.
 */
export async function allSettled(app: TestApp): Promise<void> {
  if (!app.place.databaseUrl.startsWith('postgres')) return;
  const [row] = await rawSql(app.place, 'SELECT MAX(seq) AS newest FROM journal');
  const unitOfWork = app.service.app.get(UnitOfWork);
  await until(PATIENCE_MS, 'the transactions of other tests', async () =>
    (await unitOfWork.settledUpTo('journal', 'seq')) >= Number(row!['newest']) ? true : undefined,
  );
}
