import type { EntityManager } from 'typeorm';
import { Injectable } from '@nestjs/common';
import { Statement } from '../database/statement';
import type { MasterKeyRow, UserKeyRow } from './user-key.entity';

const insertKey = new Statement(
  'INSERT INTO user_keys (user_key, master_id, created_at, wrapped) VALUES (:user_key, :master_id, :created_at, :wrapped)',
);
const findKey = new Statement<UserKeyRow>(
  'SELECT user_key, master_id, created_at, wrapped FROM user_keys WHERE user_key = :user_key',
);
const masters = new Statement<MasterKeyRow>(
  'SELECT id, created_at, retired_at FROM master_keys ORDER BY created_at, id',
);
const insertMaster = new Statement(
  'INSERT INTO master_keys (id, created_at) VALUES (:id, :created_at) ON CONFLICT (id) DO NOTHING',
);

/** The wrapped keys' rows. */
@Injectable()
export class KeyringStore {
  async insert(em: EntityManager, row: UserKeyRow): Promise<void> {
    await insertKey.run(em, { ...row });
  }

  find(em: EntityManager, userKey: number): Promise<UserKeyRow | undefined> {
    return findKey.one(em, { user_key: userKey });
  }

  masters(em: EntityManager): Promise<MasterKeyRow[]> {
    return masters.all(em);
  }

  async addMaster(em: EntityManager, id: Buffer, createdAt: number): Promise<void> {
    await insertMaster.run(em, { id, created_at: createdAt });
  }
}
