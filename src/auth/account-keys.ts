import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { EntityManager } from 'typeorm';
import { UsersStore } from './users.store';

/** Most accounts in memory; about 150 bytes each. */
const REMEMBERED = 10_000;

/**
 * Finds the key of an account whose token names only its id. The key never changes and is never reused, so it can be
 * cached. The query that uses it checks whether the account still exists.
 */
@Injectable()
export class AccountKeys {
  private readonly known = new LRUCache<string, number>({ max: REMEMBERED });

  constructor(private readonly users: UsersStore) {}

  /** The key of the account with this id; undefined if there is none. */
  async of(em: EntityManager, id: Buffer): Promise<number | undefined> {
    const name = id.toString('base64');
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const key = await this.users.keyOf(em, id);
    if (key === undefined) return undefined;
    this.known.set(name, key);
    return key;
  }
}
