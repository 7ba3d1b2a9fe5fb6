import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { columnsOf, placeholders } from '../../platform/database/columns';
import { Statement } from '../../platform/database/statement';
import { alertSchema, type AlertRow } from './domain/alert.entity';

const COLUMNS = columnsOf(alertSchema);
const OTHERS = COLUMNS.filter((column) => column !== 'condition');

const all = new Statement<AlertRow>(`SELECT ${COLUMNS.join(', ')} FROM alerts ORDER BY condition`);
const put = new Statement(
  `INSERT INTO alerts (${COLUMNS.join(', ')}) VALUES (${placeholders(COLUMNS)})
   ON CONFLICT (condition) DO UPDATE SET ${OTHERS.map((column) => `${column} = excluded.${column}`).join(', ')}`,
);

/** The states of the conditions; one row for each condition that was ever seen. */
@Injectable()
export class AlertsStore {
  all(em: EntityManager): Promise<AlertRow[]> {
    return all.all(em);
  }

  async put(em: EntityManager, row: AlertRow): Promise<void> {
    await put.run(em, { ...row });
  }
}
