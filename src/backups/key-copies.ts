import { createHash } from 'node:crypto';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JournalService } from '../audit/journal.service';
import { BEFORE_ALL_KEYS, Keyring, SERVICE_KEY, VAULT_KEY } from '../platform/crypto/keyring';
import type { UserKeyRow } from '../platform/crypto/user-key.entity';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { ObjectStore, readIfThere } from '../platform/objects/object-store';
import { BUCKETS, bucketOf, decodeKeys, encodeKeys, keyObjectName, keysFolder } from './vault-keys';

const PAGE = 1_000;
/** Accounts that got or lost their key. A rotation shows in the master keys. */
const KEY_CHANGES = ['user.registered', 'user.deleted'] as const;

/** An object as this process last saw or wrote it. */
interface SeenObject {
  hash: string;
  bytes: number;
}

/** How the keys in the database were when they were last copied. */
interface CopiedState {
  lineage: string;
  objects: Map<string, SeenObject>;
  /** The master keys, and the keys that belong to no account. */
  masters: string;
  /** All events up to this number were taken into account. */
  settled: number;
}

/**
 * Keeps the wrapped keys in the store as they are in the database: created, rewrapped, destroyed. An object is
 * rewritten when its keys have changed, so a destroyed key is removed from the store with the next run. What has changed
 * is found by the journal: a run with nothing new costs the same with 10 accounts and with 100,000.
 */
@Injectable()
export class KeyCopies {
  private copied: CopiedState | undefined;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly keyring: Keyring,
    private readonly objects: ObjectStore,
    private readonly journal: JournalService,
  ) {}

  /**
   * Writes the objects that differ; all of them exist afterwards, also those that hold no key. `afresh`: each is
   * read first, because a run that was considered dead may have written one since.
   */
  async copy(lineage: string, signal: AbortSignal, afresh: boolean): Promise<void> {
    const before = afresh || this.copied?.lineage !== lineage ? undefined : this.copied;
    // Set again when all is written: after a run that failed half-way, the next one checks everything.
    this.copied = undefined;
    const settled = await this.unitOfWork.settledUpTo('journal', 'seq');
    const { masters, rotating } = await this.unitOfWork.read((em) => this.masters(em));
    const objects = await this.listed(lineage, before);
    const known = before?.masters === masters && !rotating && objects.size === BUCKETS ? before : undefined;
    if (!known || !(await this.update(lineage, known.settled, objects, signal)))
      await this.rewrite(lineage, objects, signal);
    this.copied = { lineage, objects, masters, settled };
  }

  /** Writes the keys that have changed since the event `after` into their objects; false if an object was changed. */
  private async update(
    lineage: string,
    after: number,
    objects: Map<string, SeenObject>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const changed = await this.unitOfWork.read((em) => this.changedSince(em, after));
    for (const [bucket, rows] of byBucket(changed)) {
      const name = keyObjectName(lineage, bucket);
      const bytes = await readIfThere(this.objects, name);
      if (!bytes || hashOf(bytes) !== objects.get(name)?.hash) return false;
      const keys = new Map(decodeKeys(name, bytes).map((row) => [row.user_key, row]));
      for (const row of rows) keys.set(row.user_key, row);
      await this.put(name, encodeKeys([...keys.values()].sort(byUserKey)), objects, signal);
    }
    return true;
  }

  private async changedSince(em: EntityManager, after: number): Promise<UserKeyRow[]> {
    const owners = await this.journal.subjectsAfter(em, after, KEY_CHANGES);
    const rows: UserKeyRow[] = [];
    for (const key of new Set(owners.map(({ userKey }) => userKey))) {
      const row = await this.keyring.row(em, key);
      if (row) rows.push(row);
    }
    return rows;
  }

  /** Compares every object with the database. */
  private async rewrite(
    lineage: string,
    objects: Map<string, SeenObject>,
    signal: AbortSignal,
  ): Promise<void> {
    for (const [bucket, rows] of (await this.buckets()).entries()) {
      await this.put(keyObjectName(lineage, bucket), encodeKeys(rows), objects, signal);
      await yieldToEventLoop();
    }
  }

  private async put(
    name: string,
    bytes: Buffer,
    objects: Map<string, SeenObject>,
    signal: AbortSignal,
  ): Promise<void> {
    const hash = hashOf(bytes);
    if (objects.get(name)?.hash === hash) return;
    await this.objects.put(name, [bytes], signal);
    objects.set(name, { hash, bytes: bytes.length });
  }

  /** Objects are trusted only if they are listed with the same length: the listing is read each time. */
  private async listed(lineage: string, before: CopiedState | undefined): Promise<Map<string, SeenObject>> {
    const objects = new Map<string, SeenObject>();
    for await (const { name, bytes } of this.objects.list(keysFolder(lineage))) {
      const seen = before?.objects.get(name);
      if (seen?.bytes === bytes) objects.set(name, seen);
      else {
        const read = (await readIfThere(this.objects, name)) ?? Buffer.alloc(0);
        objects.set(name, { hash: hashOf(read), bytes: read.length });
      }
    }
    return objects;
  }

  private async masters(em: EntityManager): Promise<{ masters: string; rotating: boolean }> {
    const rows = await this.keyring.masters(em);
    const own = [await this.keyring.row(em, VAULT_KEY), await this.keyring.row(em, SERVICE_KEY)];
    const parts = [
      ...rows.map(({ id, retired_at }) => `${id.toString('hex')} ${retired_at}`),
      ...own.map((row) => row?.wrapped.toString('hex')),
    ];
    return { masters: parts.join('\n'), rotating: rows.filter((row) => row.retired_at === null).length > 1 };
  }

  private async buckets(): Promise<UserKeyRow[][]> {
    const rows: UserKeyRow[][] = Array.from({ length: BUCKETS }, () => []);
    for (let after = BEFORE_ALL_KEYS; ;) {
      const page = await this.unitOfWork.read((em) => this.keyring.wrapped(em, after, PAGE));
      for (const row of page) rows[bucketOf(row.user_id)]!.push(row);
      const last = page.at(-1);
      if (!last) return rows;
      after = last.user_key;
      await yieldToEventLoop();
    }
  }
}

function byBucket(rows: readonly UserKeyRow[]): Map<number, UserKeyRow[]> {
  const buckets = new Map<number, UserKeyRow[]>();
  for (const row of rows) {
    const bucket = bucketOf(row.user_id);
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), row]);
  }
  return buckets;
}

function byUserKey(a: UserKeyRow, b: UserKeyRow): number {
  return a.user_key - b.user_key;
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
