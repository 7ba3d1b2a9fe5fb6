import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../clock/clock';
import { UnitOfWork } from '../database/unit-of-work';
import { BEFORE_ALL_KEYS } from './keyring';
import { KeyringStore } from './keyring.store';
import { MasterKeySource } from './master-key-source';
import { open, seal } from './sealed-box';
import type { UserKeyRow } from './user-key.entity';

/** Keys that are rewrapped per transaction: short enough that no request waits. */
const BATCH = 200;

/** Keys that are read at a time to prove them. */
const PAGE = 1_000;

/** The use of one master key in a database. */
export interface MasterKeyState {
  /** Identifies the key without revealing it; hexadecimal. */
  id: string;
  /** Whether it wraps new keys. */
  current: boolean;
  /** Whether the program has it. */
  atHand: boolean;
  retiredAt: number | null;
  /** Number of data keys it wraps: of users, the service and the copies. */
  keys: number;
}

/** Progress of a rotation. */
export interface RotationProgress {
  done: number;
  total: number;
}

/** Writes in the transaction that retires master keys: how many it retires, and how many keys the current one wraps. */
export type NoteRetirement = (em: EntityManager, retired: number, keys: number) => Promise<void>;

/** A master key still wraps keys that were stored during the rotation. */
class MasterKeyStillInUse extends Error {}

/**
 * Rewraps the data keys in the database from old master keys to the current one. No graph is changed. The order is
 * `rewrap`, `prove`, `retire`; each step can be repeated after a failure.
 */
@Injectable()
export class KeyRotation {
  constructor(
    private readonly source: MasterKeySource,
    private readonly store: KeyringStore,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** All master keys that this database has seen, and how many keys each wraps. */
  async status(): Promise<MasterKeyState[]> {
    const { current } = this.source;
    const [rows, counts] = await this.unitOfWork.read(
      async (em) => [await this.store.masters(em), await this.store.countByMaster(em)] as const,
    );
    return rows.map(({ id, retired_at }) => ({
      id: id.toString('hex'),
      current: id.equals(current.currentId),
      atHand: current.find(id) !== undefined,
      retiredAt: retired_at,
      keys: counts.find(({ masterId }) => masterId.equals(id))?.keys ?? 0,
    }));
  }

  /**
   * Wraps every key with the current master key, in small transactions, while the service may run. If it is stopped,
   * call it again to continue. Throws UnsealError for a key that cannot be unwrapped, and an Error for one whose
   * master key is not available; finished work stays.
   */
  async rewrap(
    onProgress: (progress: RotationProgress) => void,
    signal?: AbortSignal,
  ): Promise<RotationProgress> {
    const { currentId } = this.source.current;
    await this.unitOfWork.write((em) => this.store.addMaster(em, currentId, this.clock.now()));
    const progress = { done: 0, total: await this.countOthers(currentId) };
    for (let after = BEFORE_ALL_KEYS; !signal?.aborted;) {
      const rows = await this.unitOfWork.read((em) =>
        this.store.wrappedByOthers(em, currentId, after, BATCH),
      );
      const last = rows.at(-1);
      if (!last) break;
      progress.done += await this.rewrapRows(rows);
      after = last.user_key;
      onProgress(progress);
    }
    return progress;
  }

  /** Unwraps every key with the current master key alone. Throws UnsealError for one that cannot be unwrapped. */
  async prove(signal?: AbortSignal): Promise<void> {
    const { current, currentId } = this.source.current;
    for (let after = BEFORE_ALL_KEYS; !signal?.aborted;) {
      const rows = await this.unitOfWork.read((em) => this.store.live(em, after, PAGE));
      for (const { master_id, wrapped, user_id } of rows)
        if (master_id.equals(currentId)) open(current, wrapped, user_id);
      const last = rows.at(-1);
      if (!last) return;
      after = last.user_key;
    }
  }

  /**
   * Retires all other master keys. Returns false if one of them still wraps a key, of an account that registered
   * just now; then `rewrap` must run again. What `note` writes is stored if and only if the keys are retired.
   */
  async retire(note: NoteRetirement): Promise<boolean> {
    const { currentId } = this.source.current;
    try {
      await this.unitOfWork.write(async (em) => {
        // First the lock on the rows, then the count, so that every key stored under them is counted.
        const retired = await this.store.retireMasters(em, currentId, this.clock.now());
        const counts = await this.store.countByMaster(em);
        if (counts.some(({ masterId }) => !masterId.equals(currentId))) throw new MasterKeyStillInUse();
        await note(em, retired, counts[0]?.keys ?? 0);
      });
      return true;
    } catch (error) {
      if (error instanceof MasterKeyStillInUse) return false;
      throw error;
    }
  }

  private async countOthers(currentId: Buffer): Promise<number> {
    const counts = await this.unitOfWork.read((em) => this.store.countByMaster(em));
    return counts
      .filter(({ masterId }) => !masterId.equals(currentId))
      .reduce((sum, { keys }) => sum + keys, 0);
  }

  private async rewrapRows(rows: readonly UserKeyRow[]): Promise<number> {
    const { current, currentId } = this.source.current;
    const wrapped = rows.map((row) => seal(current, this.unwrap(row), row.user_id));
    return this.unitOfWork.write(async (em) => {
      let changed = 0;
      for (const [index, row] of rows.entries()) {
        if (await this.store.rewrap(em, row, currentId, wrapped[index]!)) changed += 1;
      }
      return changed;
    });
  }

  private unwrap({ master_id, wrapped, user_id }: UserKeyRow): Buffer {
    const master = this.source.find(master_id);
    if (!master)
      throw new Error(
        `The master key ${master_id.toString('hex')} is not available. Set ENCRYPTION_KEY_PREVIOUS to it.`,
      );
    return open(master, wrapped, user_id);
  }
}
