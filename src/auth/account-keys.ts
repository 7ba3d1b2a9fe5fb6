import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { UsersStore } from './users.store';

/** Accounts that are remembered; about 150 bytes each. */
const REMEMBERED = 10_000;

/**
 * Finds the key of an account whose token names only its id. It never changes and is never another account's, so it
 * can be remembered; whether the account is there still is for the look-up that uses it to say.
 */
@Injectable()
export class AccountKeys {
  private readonly known = new Map<string, number>();

  constructor(private readonly users: UsersStore) {}

  /** The key of the account with this id; undefined when there is none. */
  async of(em: EntityManager, id: Buffer): Promise<number | undefined> {
    const name = id.toString('base64');
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const key = await this.users.keyOf(em, id);
    if (key === undefined) return undefined;
    if (this.known.size >= REMEMBERED) this.known.delete(this.known.keys().next().value!);
    this.known.set(name, key);
    return key;
  }
}
