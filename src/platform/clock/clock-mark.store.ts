import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../database/statement';
import type { ClockMarkRow } from './domain/clock-mark.entity';

const find = new Statement<ClockMarkRow>('SELECT id, seen_at FROM clock_marks WHERE id = 1');
const begin = new Statement(
  'INSERT INTO clock_marks (id, seen_at) VALUES (1, :at) ON CONFLICT (id) DO NOTHING',
);
const setSeenAt = new Statement('UPDATE clock_marks SET seen_at = :at WHERE id = 1');

/** When the clock was last known to be right. */
@Injectable()
export class ClockMarkStore {
  find(em: EntityManager): Promise<ClockMarkRow | undefined> {
    return find.one(em);
  }

  /** Stores a first time (ms) if there is none. */
  async begin(em: EntityManager, at: number): Promise<void> {
    await begin.run(em, { at });
  }

  /** Records that the clock was right at that time (ms). */
  async setSeenAt(em: EntityManager, at: number): Promise<void> {
    await setSeenAt.run(em, { at });
  }
}
