import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../clock/clock';
import { UnitOfWork } from '../database/unit-of-work';
import { AppError } from '../errors/app-error';
import { KeyringStore } from './keyring.store';
import { MasterKeys } from './master-keys';
import { open, seal } from './sealed-box';

/** Bytes of a data key: AES-256. */
const KEY_BYTES = 32;
/** Unwrapped keys kept in memory at most; 32 bytes each. */
const CACHED_KEYS = 10_000;

/** The database was written with a master key that is not at hand. Nothing may be written then. */
export class WrongMasterKeyError extends Error {
  constructor() {
    super(
      'ENCRYPTION_KEY is not the key this database was written with. Nothing was changed. Set ENCRYPTION_KEY to the right key, ' +
        'or put the file keys/encryption.key of this installation back from where it was copied to. Without it no graph can be read.',
    );
    this.name = 'WrongMasterKeyError';
  }
}

/** A new user's data key: `wrapped` goes into the database, `plain` never does. */
export interface NewDataKey {
  plain: Buffer;
  wrapped: Buffer;
}

/**
 * The users' data keys. Each user has one random AES-256 key, wrapped by the master key with the user's id as
 * associated data; unwrapped keys live in memory only.
 */
@Injectable()
export class Keyring {
  private readonly cache = new Map<number, Buffer>();

  constructor(
    private readonly masters: MasterKeys,
    private readonly store: KeyringStore,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /**
   * Checks, before anything is written, that the master key at hand is the one this database knows, and
   * records it in an empty database. Throws WrongMasterKeyError.
   */
  async check(): Promise<void> {
    const known = (await this.unitOfWork.read((em) => this.store.masters(em))).filter(
      (row) => row.retired_at === null,
    );
    if (known.some((row) => row.id.equals(this.masters.currentId))) return;
    if (!known.every((row) => this.masters.find(row.id))) throw new WrongMasterKeyError();
    await this.unitOfWork.write((em) => this.store.addMaster(em, this.masters.currentId, this.clock.now()));
  }

  /** Makes a data key for a user; to be called before the transaction that stores it. */
  make(userId: Buffer): NewDataKey {
    const plain = randomBytes(KEY_BYTES);
    return { plain, wrapped: seal(this.masters.current, plain, userId) };
  }

  /** Stores a new user's wrapped key inside the transaction that makes the user. */
  async put(em: EntityManager, userKey: number, key: NewDataKey): Promise<void> {
    const row = {
      user_key: userKey,
      master_id: this.masters.currentId,
      wrapped: key.wrapped,
      created_at: this.clock.now(),
    };
    await this.store.insert(em, row);
  }

  /** The user's data key. Throws an `internal` AppError when there is none or it does not unwrap. */
  async dataKey(userKey: number, userId: Buffer): Promise<Buffer> {
    const cached = this.cache.get(userKey);
    if (cached) return cached;
    const plain = await this.unwrap(userKey, userId);
    if (this.cache.size >= CACHED_KEYS) this.cache.delete(this.cache.keys().next().value!);
    this.cache.set(userKey, plain);
    return plain;
  }

  private async unwrap(userKey: number, userId: Buffer): Promise<Buffer> {
    const row = await this.unitOfWork.read((em) => this.store.find(em, userKey));
    const master = row && this.masters.find(row.master_id);
    if (!row || !master) throw damagedKey();
    try {
      return open(master, row.wrapped, userId);
    } catch (error) {
      throw damagedKey(error);
    }
  }
}

function damagedKey(cause?: unknown): AppError {
  return new AppError(
    'internal',
    'data-key-unreadable',
    "This account's data key cannot be read; the operator must look at it.",
    { cause },
  );
}
