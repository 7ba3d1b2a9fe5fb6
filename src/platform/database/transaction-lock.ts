import type { EntityManager } from 'typeorm';
import { Statement } from './statement';

const exclusive = new Statement('SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))');
const shared = new Statement('SELECT pg_advisory_xact_lock_shared(hashtextextended(:name, 0))');

/**
 * A named lock that is held until the caller's write transaction ends: for rules about rows that may not exist yet and
 * so cannot be locked themselves. Take it first in the transaction; statements after it see what earlier holders have
 * committed. On SQLite it does nothing, because there is one write transaction at a time.
 */
export class TransactionLock {
  constructor(private readonly name: string) {}

  /** Waits until nobody else holds the lock of `key`. */
  async exclusive(em: EntityManager, key: number): Promise<void> {
    if (isPostgres(em)) await exclusive.send(em, { name: `${this.name} ${key}` });
  }

  /** Waits until nobody holds the lock of `key` exclusively. */
  async shared(em: EntityManager, key: number): Promise<void> {
    if (isPostgres(em)) await shared.send(em, { name: `${this.name} ${key}` });
  }
}

function isPostgres(em: EntityManager): boolean {
  return em.queryRunner?.dataSource.options.type === 'postgres';
}
