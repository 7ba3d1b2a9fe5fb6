import { Injectable } from '@nestjs/common';
import { MasterKeySource } from '../platform/crypto/master-key-source';
import { open, seal, UnsealError } from '../platform/crypto/sealed-box';
import type { UserKeyRow } from '../platform/crypto/user-key.entity';
import { ObjectStore, readWhole } from '../platform/objects/object-store';
import { decodeKeys, encodeKeys, keysFolder, KeyObjectError } from './vault-keys';
import { lineagesIn } from './vault-reader';

/** Result of a rotation in the backup store. */
export interface CopiedKeysResult {
  /** Wrapped keys that open with the current master key alone. */
  proven: number;
  /** Messages about objects and keys that none of the available keys opens. */
  unreadable: string[];
}

/** Wrapped keys in the backup store, in all lineages of copies. */
@Injectable()
export class CopiedKeysService {
  constructor(
    private readonly objects: ObjectStore,
    private readonly masters: MasterKeySource,
  ) {}

  /** How many keys each master key (its id in hexadecimal) wraps in the store. Throws ObjectStoreError. */
  async countByMaster(): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for await (const { rows } of this.all())
      for (const { master_id } of (rows ?? []).filter(isLive)) {
        const id = master_id.toString('hex');
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    return counts;
  }

  /**
   * Wraps every key in the store with the current master key, then reads all of them back and opens them with it. No
   * key is added or removed: a database that was restored from an older file does not know all accounts of the
   * copies. Call it under the lease of the copy job. Throws ObjectStoreError, and an Error for a
   * key that was changed meanwhile.
   */
  async rewrap(signal: AbortSignal): Promise<CopiedKeysResult> {
    for await (const { name, rows } of this.all()) {
      signal.throwIfAborted();
      const next = rows?.map((row) => this.rewrapped(row));
      if (next?.some((row, i) => row !== rows![i])) await this.objects.put(name, [encodeKeys(next)], signal);
    }
    return this.prove(signal);
  }

  private async prove(signal: AbortSignal): Promise<CopiedKeysResult> {
    const result: CopiedKeysResult = { proven: 0, unreadable: [] };
    for await (const { name, rows } of this.all()) {
      signal.throwIfAborted();
      if (!rows) result.unreadable.push(`${name} is damaged.`);
      let closed = 0;
      for (const row of (rows ?? []).filter(isLive)) {
        const opens = this.opens(row);
        if (opens && !row.master_id.equals(this.masters.currentId))
          throw new Error(`${name} was changed while its keys were rewrapped. Run the rotation again.`);
        if (opens) result.proven += 1;
        else closed += 1;
      }
      if (closed > 0)
        result.unreadable.push(`${name} holds ${closed} keys that no available master key opens.`);
    }
    return result;
  }

  private opens({ master_id, wrapped, user_id }: UserKeyRow): boolean {
    const master = this.masters.current.find(master_id);
    try {
      return master !== undefined && open(master, wrapped, user_id).length > 0;
    } catch (error) {
      if (error instanceof UnsealError) return false;
      throw error;
    }
  }

  /** All objects with keys; `rows` is undefined for a damaged one. */
  private async *all(): AsyncGenerator<{ name: string; rows: UserKeyRow[] | undefined }> {
    for await (const lineage of lineagesIn(this.objects)) {
      for await (const { name } of this.objects.list(keysFolder(lineage)))
        yield { name, rows: await this.read(name) };
    }
  }

  private async read(name: string): Promise<UserKeyRow[] | undefined> {
    try {
      return decodeKeys(name, await readWhole(this.objects, name));
    } catch (error) {
      if (error instanceof KeyObjectError) return undefined;
      throw error;
    }
  }

  /** The row under the current master key; the same row if it is that already, was destroyed, or cannot be opened. */
  private rewrapped(row: UserKeyRow): UserKeyRow {
    const { current, currentId } = this.masters.current;
    const master = this.masters.find(row.master_id);
    if (!isLive(row) || row.master_id.equals(currentId) || !master) return row;
    try {
      const wrapped = seal(current, open(master, row.wrapped, row.user_id), row.user_id);
      return { ...row, master_id: currentId, wrapped };
    } catch (error) {
      if (error instanceof UnsealError) return row;
      throw error;
    }
  }
}

function isLive({ destroyed_at }: UserKeyRow): boolean {
  return destroyed_at === null;
}
