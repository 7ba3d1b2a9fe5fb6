import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../platform/database/statement';
import type { JournalEventRow } from './domain/journal-event.entity';

const insert = new Statement<{ seq: number }>(
  `INSERT INTO journal (at, user_key, actor_key, action, subject_id, version, request_id, ip, details)
   VALUES (:at, :user_key, :actor_key, :action, :subject_id, :version, :request_id, :ip, :details) RETURNING seq`,
);

/** The journal's rows. They are added and never changed. */
@Injectable()
export class JournalStore {
  async append(em: EntityManager, row: Omit<JournalEventRow, 'seq'>): Promise<number> {
    const inserted = await insert.one(em, { ...row });
    return inserted!.seq;
  }
}
