import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Keyring, VAULT_KEY } from '../platform/crypto/keyring';
import type { UserKeyRow } from '../platform/crypto/user-key.entity';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { ObjectStore, readIfThere } from '../platform/objects/object-store';
import { BUCKETS, bucketOf, encodeKeys, keyObjectName, keysFolder } from './vault-keys';

const PAGE = 1_000;

/**
 * Keeps the wrapped keys beside the segments as they are in the database: made, wrapped anew, destroyed. An object
 * is written anew when its keys have changed, so a destroyed key is gone from the vault with the next run.
 */
@Injectable()
export class KeyCopies {
  /** Hashes of what stands in the store, as this process last saw or wrote it. */
  private written: { lineage: string; hashes: Map<string, string> } | undefined;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly keyring: Keyring,
    private readonly objects: ObjectStore,
  ) {}

  /**
   * Writes the objects that differ; all of them exist afterwards, also those that hold no key. `afresh`: each is read
   * before it is trusted, for a run that was believed dead may have written one since.
   */
  async copy(lineage: string, signal: AbortSignal, afresh: boolean): Promise<void> {
    if (afresh) this.written = undefined;
    const hashes = await this.inStore(lineage);
    for (const [bucket, bytes] of (await this.buckets()).entries()) {
      const name = keyObjectName(lineage, bucket);
      const hash = hashOf(bytes);
      if (hashes.get(name) === hash) continue;
      await this.objects.put(name, [bytes], signal);
      hashes.set(name, hash);
    }
  }

  /** What was written is trusted only as long as it is there: the listing is read anew each time. */
  private async inStore(lineage: string): Promise<Map<string, string>> {
    const known = this.written?.lineage === lineage ? this.written.hashes : new Map<string, string>();
    const hashes = new Map<string, string>();
    for await (const { name } of this.objects.list(keysFolder(lineage))) {
      const hash = known.get(name) ?? hashOf((await readIfThere(this.objects, name)) ?? Buffer.alloc(0));
      hashes.set(name, hash);
    }
    this.written = { lineage, hashes };
    return hashes;
  }

  private async buckets(): Promise<Buffer[]> {
    const rows: UserKeyRow[][] = Array.from({ length: BUCKETS }, () => []);
    for (let after = VAULT_KEY - 1; ;) {
      const page = await this.unitOfWork.read((em) => this.keyring.wrapped(em, after, PAGE));
      for (const row of page) rows[bucketOf(row.user_id)]!.push(row);
      const last = page.at(-1);
      if (!last) return rows.map((keys) => encodeKeys(keys));
      after = last.user_key;
    }
  }
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
