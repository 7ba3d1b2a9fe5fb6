import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { columnsOf, placeholders } from '../../platform/database/columns';
import { Statement } from '../../platform/database/statement';
import { weeklySummarySchema, type WeeklySummaryRow } from './domain/weekly-summary.entity';

const COLUMNS = columnsOf(weeklySummarySchema);

const find = new Statement<WeeklySummaryRow>(
  `SELECT ${COLUMNS.join(', ')} FROM weekly_summaries WHERE user_key = :user_key`,
);
// A week that was summarized already is not summarized again when the setting is switched off and on.
const put = new Statement(
  `INSERT INTO weekly_summaries (${COLUMNS.join(', ')}) VALUES (${placeholders(COLUMNS)})
   ON CONFLICT (user_key) DO UPDATE SET seq = excluded.seq, enabled = excluded.enabled,
     last_week = CASE WHEN weekly_summaries.last_week > excluded.last_week THEN weekly_summaries.last_week ELSE excluded.last_week END`,
);
const due = new Statement<{ user_key: number }>(
  `SELECT user_key FROM weekly_summaries WHERE enabled = 1 AND last_week < :week ORDER BY last_week, user_key LIMIT :limit`,
);
const advance = new Statement(
  'UPDATE weekly_summaries SET last_week = :week WHERE user_key = :user_key AND enabled = 1 AND last_week < :week',
);
const removeOf = new Statement('DELETE FROM weekly_summaries WHERE user_key = :user_key');

/** Who wants weekly summaries. */
@Injectable()
export class SummariesStore {
  find(em: EntityManager, userKey: number): Promise<WeeklySummaryRow | undefined> {
    return find.one(em, { user_key: userKey });
  }

  /** Sets whether an account wants summaries. `last_week` only ever grows. */
  async put(em: EntityManager, row: WeeklySummaryRow): Promise<void> {
    await put.run(em, { ...row });
  }

  /** Accounts that have not got the summary of a week (its beginning, ms) yet. */
  async due(em: EntityManager, week: number, limit: number): Promise<number[]> {
    return (await due.all(em, { week, limit })).map(({ user_key }) => user_key);
  }

  /** Marks the week as summarized; false if it was already, or if the account wants none any longer. */
  async advance(em: EntityManager, userKey: number, week: number): Promise<boolean> {
    return (await advance.run(em, { user_key: userKey, week })) === 1;
  }

  async removeOf(em: EntityManager, userKey: number): Promise<void> {
    await removeOf.run(em, { user_key: userKey });
  }
}
