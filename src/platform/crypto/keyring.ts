import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { EntityManager } from 'typeorm';
import { Clock } from '../clock/clock';
import { isUniqueViolation } from '../database/database-errors';
import { UnitOfWork } from '../database/unit-of-work';
import { AppError } from '../errors/app-error';
import { KeyringStore } from './keyring.store';
import { MasterKeySource } from './master-key-source';
import { open, seal } from './sealed-box';
import type { MasterKeyRow, UserKeyRow } from './user-key.entity';
import { OperatorError } from '../errors/operator-error';

/** Bytes of a data key: AES-256. */
const KEY_BYTES = 32;
/**
 * The row of the key that encrypts the copies: no user has this number. Like the other rows, it is rewrapped by a
 * rotation.
 */
export const VAULT_KEY = -1;
/** Below the number of every key: those of users, of the service, and of the copies. */
export const BEFORE_ALL_KEYS = VAULT_KEY - 1;
/** Most unwrapped keys in memory; 32 bytes each. */
const CACHED_KEYS = 10_000;

/** The row of the service's own key; users' keys start at 1. */
export const SERVICE_KEY = 0;
const SERVICE_ID = Buffer.alloc(16);

/** The database was written with a master key that is not available. Nothing may be written then. */
export class WrongMasterKeyError extends OperatorError {
  constructor(missing: readonly Buffer[] = []) {
    super(
      `ENCRYPTION_KEY is not the key that this database was written with${namesOf(missing)}. Nothing was changed. Set ENCRYPTION_KEY to the right key, ` +
        'or put the file keys/encryption.key of this installation back from where it was copied to. While a key rotation is ' +
        'not finished, the old key is required too (ENCRYPTION_KEY_PREVIOUS or keys/encryption-previous.key). Without it no graph can be read.',
    );
  }
}

function namesOf(missing: readonly Buffer[]): string {
  return missing.length === 0 ? '' : ` (needed: ${missing.map((id) => id.toString('hex')).join(', ')})`;
}

/** The master key was rotated while the service ran. The new one is loaded now; create the data key again. */
export class StaleMasterKeyError extends Error {}

/** A new user's data key, wrapped by the master key `masterId`. The plain key never leaves memory. */
export interface NewDataKey {
  userId: Buffer;
  masterId: Buffer;
  wrapped: Buffer;
}

/**
 * The users' data keys. Each user has one random AES-256 key, wrapped by the master key with the user's id as
 * associated data; unwrapped keys live in memory only.
 */
@Injectable()
export class Keyring {
  private readonly cache = new LRUCache<number, Buffer>({ max: CACHED_KEYS });

  constructor(
    private readonly source: MasterKeySource,
    private readonly store: KeyringStore,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /**
   * Checks, before anything is written, that every master key that this database needs is available, and records the
   * current one if it is new. Throws WrongMasterKeyError.
   */
  async check(): Promise<void> {
    const { current } = this.source;
    const [rows, needed] = await this.unitOfWork.read(
      async (em) => [await this.store.masters(em), await this.store.neededMasters(em)] as const,
    );
    const missing = needed.filter((id) => !current.find(id));
    if (missing.length > 0) throw new WrongMasterKeyError(missing);
    const inUse = rows.filter((row) => row.retired_at === null);
    if (inUse.some((row) => row.id.equals(current.currentId))) return;
    await this.unitOfWork.write((em) => this.store.addMaster(em, current.currentId, this.clock.now()));
  }

  /** Creates a data key for a user; call it before the transaction that stores it. */
  make(userId: Buffer): NewDataKey {
    const { current, currentId } = this.source.current;
    return { userId, masterId: currentId, wrapped: seal(current, randomBytes(KEY_BYTES), userId) };
  }

  /** Stores a new user's wrapped key in the transaction that creates the user. Throws StaleMasterKeyError. */
  async put(em: EntityManager, userKey: number, { userId, masterId, wrapped }: NewDataKey): Promise<void> {
    const row = {
      user_key: userKey,
      user_id: userId,
      master_id: masterId,
      wrapped,
      created_at: this.clock.now(),
      destroyed_at: null,
    };
    const stored = await this.store.insert(em, row);
    if (stored) return;
    this.source.reload();
    throw new StaleMasterKeyError();
  }

  /**
   * Destroys a user's data key in the transaction that deletes the account: from then on, none of the user's data
   * can be read in any copy. Other processes may keep the key in memory until they end, but no request uses it.
   */
  async destroy(em: EntityManager, userKey: number): Promise<void> {
    this.cache.delete(userKey);
    await this.store.destroy(em, userKey, this.clock.now());
  }

  /** The user's data key. Throws an `internal` AppError if it is missing or cannot be unwrapped. */
  async dataKey(userKey: number, userId: Buffer): Promise<Buffer> {
    const cached = this.cache.get(userKey);
    if (cached) return cached;
    const plain = await this.unwrap(userKey, userId);
    this.cache.set(userKey, plain);
    return plain;
  }

  /**
   * The key of a line of copies; `owner` is its name (16 bytes). Undefined if this database has none for it. Not
   * cached, because another process may have begun a new line.
   */
  async vaultKey(owner: Buffer): Promise<Buffer | undefined> {
    const row = await this.unitOfWork.read((em) => this.store.find(em, VAULT_KEY));
    return row?.user_id.equals(owner) ? this.unwrap(VAULT_KEY, owner) : undefined;
  }

  /** Stores the key of a new line of copies and replaces the old one. Throws StaleMasterKeyError. */
  async putVaultKey(em: EntityManager, key: NewDataKey): Promise<void> {
    await this.store.remove(em, VAULT_KEY);
    await this.put(em, VAULT_KEY, key);
  }

  /** The next wrapped keys above the user key `after`, including that of the copies. */
  wrapped(em: EntityManager, after: number, limit: number): Promise<UserKeyRow[]> {
    return this.store.page(em, after, limit);
  }

  /** One wrapped key. */
  row(em: EntityManager, userKey: number): Promise<UserKeyRow | undefined> {
    return this.store.find(em, userKey);
  }

  /** The master keys that the database has seen. */
  masters(em: EntityManager): Promise<MasterKeyRow[]> {
    return this.store.masters(em);
  }

  /**
   * The service's own data key, for data that belongs to no user; created on first use. It is stored like the users'
   * keys, under a number and an id that no user has, and is rewrapped with them.
   */
  async serviceKey(): Promise<Buffer> {
    const stored = await this.unitOfWork.read((em) => this.store.find(em, SERVICE_KEY));
    if (!stored) {
      const made = this.make(SERVICE_ID);
      // Another process may have stored its key first; then that one is used.
      await this.unitOfWork.write((em) => this.put(em, SERVICE_KEY, made)).catch(ignoreUniqueViolation);
    }
    return this.dataKey(SERVICE_KEY, SERVICE_ID);
  }

  /** The id of the user with this key, from the keyring's own row; undefined if the user has no key. */
  async userId(userKey: number): Promise<Buffer | undefined> {
    return (await this.unitOfWork.read((em) => this.store.find(em, userKey)))?.user_id;
  }

  private async unwrap(userKey: number, userId: Buffer): Promise<Buffer> {
    const row = await this.unitOfWork.read((em) => this.store.find(em, userKey));
    const master = row && this.source.find(row.master_id);
    if (!row || !master || row.destroyed_at !== null) throw damagedKey(userKey);
    try {
      return open(master, row.wrapped, userId);
    } catch (error) {
      throw damagedKey(userKey, error);
    }
  }
}

function ignoreUniqueViolation(error: unknown): void {
  if (!isUniqueViolation(error)) throw error;
}

function damagedKey(userKey: number, cause?: unknown): AppError {
  const sentence =
    userKey === SERVICE_KEY
      ? "The service's own data key cannot be read. Check the master key: npm run keys -- status."
      : "This account's data key cannot be read. Ask the operator to check the master key.";
  return new AppError('internal', 'data-key-unreadable', sentence, { cause });
}
