import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../platform/database/statement';
import type { RetentionStateRow } from './domain/retention-state.entity';

const find = new Statement<RetentionStateRow>('SELECT id, default_policy FROM retention_state WHERE id = 1');
const applied = new Statement(
  `INSERT INTO retention_state (id, default_policy) VALUES (1, :policy)
   ON CONFLICT (id) DO UPDATE SET default_policy = excluded.default_policy`,
);

/** What retention remembers from run to run. */
@Injectable()
export class RetentionStateStore {
  find(em: EntityManager): Promise<RetentionStateRow | undefined> {
    return find.one(em);
  }

  /** Every graph has been looked at with this default policy (JSON). */
  async applied(em: EntityManager, policy: string): Promise<void> {
    await applied.run(em, { policy });
  }
}
