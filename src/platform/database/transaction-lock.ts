import type { EntityManager } from 'typeorm';
import { Statement } from './statement';

const exclusive = new Statement('SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))');
const shared = new Statement('SELECT pg_advisory_xact_lock_shared(hashtextextended(:name, 0))');

/**
 * A named lock that is held until the caller's write transaction ends: for rules about rows that may not exist yet
 * and so cannot be locked themselves. Take it first in the transaction; later statements see what earlier holders
 * committed. On SQLite it does nothing, because write transactions run one at a time.
 */
export class TransactionLock {
  constructor(private readonly name: string) {}

  /** Waits until no other transaction holds the lock of `key`. */
  async exclusive(em: EntityManager, key: number): Promise<void> {
    if (isPostgres(em)) await exclusive.send(em, { name: `${this.name} ${key}` });
  }

  /** Waits until no other transaction holds the lock of `key` exclusively. */
  async shared(em: EntityManager, key: number): Promise<void> {
    if (isPostgres(em)) await shared.send(em, { name: `${this.name} ${key}` });
  }
}

function isPostgres(em: EntityManager): boolean {
  return em.queryRunner?.dataSource.options.type === 'postgres';
}
