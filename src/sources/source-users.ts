import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

/** Users that are remembered. */
const USERS = 10_000;
/** How long another replica's new source may go unnoticed, ms. */
const REMEMBERED_MS = 2_000;

/** Remembers for a short time which users have no sources, so that reading a graph costs them no statement. */
@Injectable()
export class SourceUsers {
  private readonly without = new LRUCache<number, true>({ max: USERS, ttl: REMEMBERED_MS });

  /** Whether the user certainly has no source. */
  hasNone(userKey: number): boolean {
    return this.without.get(userKey) === true;
  }

  /** The user was found to have no source. */
  foundNone(userKey: number): void {
    this.without.set(userKey, true);
  }

  /** The user has a source now. */
  created(userKey: number): void {
    this.without.delete(userKey);
  }
}
