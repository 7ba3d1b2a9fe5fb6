import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../database/statement';
import type { MasterKeyRow, UserKeyRow } from './user-key.entity';

// Changes nothing, but locks the row until the transaction ends: a rotation that wants to retire the key waits.
const holdMaster = new Statement(
  'UPDATE master_keys SET retired_at = NULL WHERE id = :master_id AND retired_at IS NULL',
);
const insertKey = new Statement(
  `INSERT INTO user_keys (user_key, user_id, master_id, created_at, wrapped)
   VALUES (:user_key, :user_id, :master_id, :created_at, :wrapped)`,
);
const findKey = new Statement<UserKeyRow>(
  'SELECT user_key, user_id, master_id, created_at, wrapped, destroyed_at FROM user_keys WHERE user_key = :user_key',
);
const page = new Statement<UserKeyRow>(
  'SELECT user_key, user_id, master_id, created_at, wrapped, destroyed_at FROM user_keys WHERE user_key > :after ORDER BY user_key LIMIT :limit',
);
const removeKey = new Statement('DELETE FROM user_keys WHERE user_key = :user_key');
const masters = new Statement<MasterKeyRow>(
  'SELECT id, created_at, retired_at FROM master_keys ORDER BY created_at, id',
);
const insertMaster = new Statement(
  'INSERT INTO master_keys (id, created_at) VALUES (:id, :created_at) ON CONFLICT (id) DO UPDATE SET retired_at = NULL',
);
const retireMasters = new Statement(
  'UPDATE master_keys SET retired_at = :retired_at WHERE retired_at IS NULL AND id <> :keep',
);
// A retired key that still wraps a key is needed as much as one in use.
const neededMasters = new Statement<{ id: Buffer }>(
  `SELECT id FROM master_keys WHERE retired_at IS NULL
   UNION SELECT master_id FROM user_keys WHERE destroyed_at IS NULL`,
);
const countByMaster = new Statement<{ master_id: Buffer; keys: number }>(
  'SELECT master_id, COUNT(*) AS keys FROM user_keys WHERE destroyed_at IS NULL GROUP BY master_id ORDER BY master_id',
);
const wrappedByOthers = new Statement<UserKeyRow>(
  `SELECT user_key, user_id, master_id, created_at, wrapped, destroyed_at FROM user_keys
   WHERE user_key > :after AND master_id <> :master_id AND destroyed_at IS NULL ORDER BY user_key LIMIT :limit`,
);
const livePage = new Statement<UserKeyRow>(
  `SELECT user_key, user_id, master_id, created_at, wrapped, destroyed_at FROM user_keys
   WHERE user_key > :after AND destroyed_at IS NULL ORDER BY user_key LIMIT :limit`,
);
const rewrap = new Statement(
  'UPDATE user_keys SET master_id = :master_id, wrapped = :wrapped WHERE user_key = :user_key AND master_id = :old_master_id AND destroyed_at IS NULL',
);

const destroy = new Statement(
  'UPDATE user_keys SET wrapped = :empty, destroyed_at = :destroyed_at WHERE user_key = :user_key AND destroyed_at IS NULL',
);

/** The rows of the wrapped keys. */
@Injectable()
export class KeyringStore {
  /**
   * Stores a key unless its master key was retired; returns whether it did. Until the transaction ends, that master
   * key cannot be retired.
   */
  async insert(em: EntityManager, row: UserKeyRow): Promise<boolean> {
    if ((await holdMaster.run(em, { master_id: row.master_id })) !== 1) return false;
    return (await insertKey.run(em, { ...row })) === 1;
  }

  find(em: EntityManager, userKey: number): Promise<UserKeyRow | undefined> {
    return findKey.one(em, { user_key: userKey });
  }

  /** The next keys above the user key `after`. */
  page(em: EntityManager, after: number, limit: number): Promise<UserKeyRow[]> {
    return page.all(em, { after, limit });
  }

  /** Destroys a wrapped key. */
  async remove(em: EntityManager, userKey: number): Promise<void> {
    await removeKey.run(em, { user_key: userKey });
  }

  masters(em: EntityManager): Promise<MasterKeyRow[]> {
    return masters.all(em);
  }

  async addMaster(em: EntityManager, id: Buffer, createdAt: number): Promise<void> {
    await insertMaster.run(em, { id, created_at: createdAt });
  }

  /** The master keys that are needed to read data keys, or that new ones may be wrapped with. */
  async neededMasters(em: EntityManager): Promise<Buffer[]> {
    return (await neededMasters.all(em)).map(({ id }) => id);
  }

  /**
   * Retires all master keys except one; returns how many. Waits for transactions that store a key under one of them.
   */
  retireMasters(em: EntityManager, keep: Buffer, retiredAt: number): Promise<number> {
    return retireMasters.run(em, { keep, retired_at: retiredAt });
  }

  /** Number of keys that each master key wraps. */
  async countByMaster(em: EntityManager): Promise<Array<{ masterId: Buffer; keys: number }>> {
    return (await countByMaster.all(em)).map(({ master_id, keys }) => ({
      masterId: master_id,
      keys: Number(keys),
    }));
  }

  /** The next keys above the user key `after` that are not destroyed. */
  live(em: EntityManager, after: number, limit: number): Promise<UserKeyRow[]> {
    return livePage.all(em, { after, limit });
  }

  /** The next keys above the user key `after` that are not wrapped by `masterId`. */
  wrappedByOthers(em: EntityManager, masterId: Buffer, after: number, limit: number): Promise<UserKeyRow[]> {
    return wrappedByOthers.all(em, { master_id: masterId, after, limit });
  }

  /** Overwrites a wrapped key with an empty value. */
  async destroy(em: EntityManager, userKey: number, destroyedAt: number): Promise<void> {
    await destroy.run(em, { user_key: userKey, empty: Buffer.alloc(0), destroyed_at: destroyedAt });
  }

  /** Replaces a wrapped key if it has not changed since it was read. */
  async rewrap(em: EntityManager, old: UserKeyRow, masterId: Buffer, wrapped: Buffer): Promise<boolean> {
    const changed = await rewrap.run(em, {
      user_key: old.user_key,
      old_master_id: old.master_id,
      master_id: masterId,
      wrapped,
    });
    return changed === 1;
  }
}
