import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../platform/database/statement';
import type { RetentionStateRow } from './domain/retention-state.entity';

const find = new Statement<RetentionStateRow>(
  'SELECT id, clock_seen_at, default_policy FROM retention_state WHERE id = 1',
);
const begin = new Statement(
  'INSERT INTO retention_state (id, clock_seen_at) VALUES (1, :at) ON CONFLICT (id) DO NOTHING',
);
const see = new Statement('UPDATE retention_state SET clock_seen_at = :at WHERE id = 1');
const applied = new Statement('UPDATE retention_state SET default_policy = :policy WHERE id = 1');

/** What retention remembers from run to run. */
@Injectable()
export class RetentionStateStore {
  find(em: EntityManager): Promise<RetentionStateRow | undefined> {
    return find.one(em);
  }

  /** Begins to remember, with a time (ms) at which the clock was right. */
  async begin(em: EntityManager, at: number): Promise<void> {
    await begin.run(em, { at });
  }

  /** The clock was right at that time (ms). */
  async see(em: EntityManager, at: number): Promise<void> {
    await see.run(em, { at });
  }

  /** Every graph has been looked at with this default policy (JSON). */
  async applied(em: EntityManager, policy: string): Promise<void> {
    await applied.run(em, { policy });
  }
}
