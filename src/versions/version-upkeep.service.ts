import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { Keyring } from '../platform/crypto/keyring';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidBytes } from '../platform/ids/uuid';
import { CodecPool } from './codec-pool';
import type { ChainState, SizedLink } from './domain/chain';
import { decodeEvery, type StoredVersion } from './domain/codec';
import { CorruptVersionError } from './domain/corrupt-version.error';
import { planRemoval, rewriteFrames, type Rewritten } from './domain/removal';
import { planRepack, repackBatch, type RepackRange } from './domain/repack';
import { openFrame, sealFrame } from './domain/sealed-frames';
import { placeOf, VersionsService, type GraphRef } from './versions.service';
import { NO_USAGE, differenceOf, negated, sumOf } from '../usage/domain/usage-counts';
import { UsageStore } from '../usage/usage.store';
import { VersionsStore, type AgedVersion, type DatedLink, type GraphPlace } from './versions.store';

export type { AgedVersion, GraphPlace, GraphRef };

/** Rows to replace and rows to delete, prepared outside the transaction. */
export interface PreparedUpkeep {
  removed: readonly number[];
  /** Frames that were encoded and encrypted again. */
  rewritten: readonly Rewritten[];
  /** Kept versions before a gap, and when (ms) the first version of the gap began. */
  gaps: ReadonlyArray<{ version: number; validUntil: number }>;
  /** The graph's new chain state; null: unchanged. */
  chain: ChainState | null;
}

/**
 * One step of repacking a graph: what to write, the bytes it saves, and the version to continue after (null: done).
 */
export interface RepackStep {
  upkeep: PreparedUpkeep;
  savedBytes: number;
  next: number | null;
}

/** From this many requested documents on, decoding all of a graph pays off if they are small enough together. */
const WORTH_DECODING_ALL = 4;
const DECODED_AT_ONCE_BYTES = 16 * 1024 * 1024;
/** Documents decoded before yielding to the event loop. */
const DECODED_IN_A_ROW = 50;
/** Versions per read: a read from SQLite blocks the process while it runs. */
const READ_AT_ONCE = 2_000;
/** Bytes of frames that one transaction removes from a purged graph, so that other writes don't wait long. */
const SWEPT_BYTES = 8 * 1024 * 1024;
/** Versions deleted by one statement. */
const DELETED_AT_ONCE = 500;

/**
 * Removes versions and compresses the remaining ones more tightly. Every remaining version stays identical byte for
 * byte.
 */
@Injectable()
export class VersionUpkeepService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VersionsStore,
    private readonly versions: VersionsService,
    private readonly keyring: Keyring,
    private readonly codec: CodecPool,
    private readonly usage: UsageStore,
  ) {}

  /**
   * Prepares the removal of versions: versions based on them are encoded again on the remaining ones. The newest
   * version, `head`, is never removed. Valid only while the graph's row does not change.
   */
  async prepareRemoval(ref: GraphRef, head: number, versions: Iterable<number>): Promise<PreparedUpkeep> {
    const links = await this.unitOfWork.read((em) => this.store.links(em, placeOf(ref)));
    const toRemove = [...versions].filter((version) => version !== head);
    const plan = planRemoval(links, toRemove);
    const key = await this.keyring.dataKey(ref.userKey, uuidBytes(ref.userId));
    const rewritten: Rewritten[] = [];
    const frames = rewriteFrames(plan, await this.loader(ref, links, plan.rewrites.length), (bytes, base) =>
      this.codec.encode(bytes, base),
    );
    for await (const { version, base, frame } of frames) {
      rewritten.push({ version, base, frame: sealFrame(key, ref, version, base, frame) });
      await yieldToEventLoop();
    }
    return {
      removed: plan.removed,
      rewritten,
      gaps: gapsAfter(links, new Set(plan.removed)),
      chain: plan.state,
    };
  }

  /**
   * All versions of a graph as policies see them, ascending. Read in batches: valid only while the graph's row does
   * not change.
   */
  async aged(ref: Pick<GraphRef, 'userKey' | 'graphKey'>): Promise<AgedVersion[]> {
    const place = { user_key: ref.userKey, graph_key: ref.graphKey };
    const found: AgedVersion[] = [];
    for (;;) {
      const after = found.at(-1)?.version ?? 0;
      const part = await this.unitOfWork.read((em) => this.store.ages(em, place, after, READ_AT_ONCE));
      found.push(...part);
      if (part.length < READ_AT_ONCE) return found;
      await yieldToEventLoop();
    }
  }

  /**
   * The versions of a user's graphs from one key to another, ascending, as far as one read goes: graphs that are left out
   * have more, or none. The last graph of a read that was cut off is left out.
   */
  async agedOfSome(
    userKey: number,
    { first, last }: { first: number; last: number },
  ): Promise<Map<number, AgedVersion[]>> {
    const range = { user_key: userKey, first, last };
    const rows = await this.unitOfWork.read((em) => this.store.agesOfSome(em, range, READ_AT_ONCE));
    const found = new Map<number, AgedVersion[]>();
    for (const { graphKey, aged } of rows) {
      const versions = found.get(graphKey);
      if (versions) versions.push(aged);
      else found.set(graphKey, [aged]);
    }
    if (rows.length === READ_AT_ONCE) found.delete(rows.at(-1)!.graphKey);
    return found;
  }

  /**
   * Removes the next rows, at most `atMost` versions, of a graph whose own row is already deleted. Returns how many
   * versions were removed, their bytes, and whether there are more. `headBytes`: size of the encrypted head of the
   * graph's row if that row is deleted in the same transaction; null if it was deleted earlier. Call it last in the
   * transaction.
   */
  async sweep(
    em: EntityManager,
    place: GraphPlace,
    headBytes: number | null,
    atMost: number,
  ): Promise<{ versions: number; bytes: number; more: boolean }> {
    const graph = headBytes === null ? {} : { graphs: 1, head_bytes: headBytes };
    if (headBytes !== null) this.versions.forget(place.graph_key);
    const next = await this.store.ages(em, place, 0, atMost);
    let bytes = 0;
    const end = next.findIndex(({ frameBytes }) => (bytes += frameBytes) > SWEPT_BYTES);
    const going = end < 0 ? next : next.slice(0, end + 1);
    const last = going.at(-1);
    if (!last) {
      await this.store.removeTexts(em, place);
      await this.usage.add(em, place.user_key, place.graph_key, negated({ ...NO_USAGE, ...graph }));
      return { versions: 0, bytes: 0, more: false };
    }
    const extent = await this.store.remove(
      em,
      place,
      going.map(({ version }) => version),
    );
    await this.store.removeTextsUpTo(em, place, last.version);
    await this.usage.add(em, place.user_key, place.graph_key, negated({ ...NO_USAGE, ...graph, ...extent }));
    return { versions: going.length, bytes, more: going.length === atMost || end >= 0 };
  }

  /** Prepares repacking the next rows of a graph: documents and bases of at most `budgetBytes`, or one row. */
  async prepareRepack(ref: GraphRef, range: RepackRange, budgetBytes: number): Promise<RepackStep> {
    const rows = await this.unitOfWork.read((em) => this.store.sizes(em, placeOf(ref)));
    const wanted = planRepack(rows, range, budgetBytes).versions.length;
    const batch = await repackBatch(rows, range, budgetBytes, {
      load: await this.loader(ref, rows, wanted),
      rebase: (bytes, bases, currentBytes) => this.codec.rebase(bytes, bases, currentBytes),
    });
    const key = await this.keyring.dataKey(ref.userKey, uuidBytes(ref.userId));
    const rewritten = batch.rewritten.map(({ version, base, frame }) => ({
      version,
      base,
      frame: sealFrame(key, ref, version, base, frame),
    }));
    const { savedBytes, next } = batch;
    return { upkeep: { removed: [], rewritten, gaps: [], chain: batch.state }, savedBytes, next };
  }

  /** Writes what was prepared in the caller's transaction; call it last. Rewritten rows get the event's `seq`. */
  async apply(em: EntityManager, ref: GraphRef, upkeep: PreparedUpkeep, seq: number): Promise<void> {
    const place = placeOf(ref);
    for (const { version, validUntil } of upkeep.gaps)
      await this.store.closeGap(em, place, version, validUntil, seq);
    let change = NO_USAGE;
    for (const { version, base, frame } of upkeep.rewritten) {
      const grown = await this.store.rewrite(em, place, version, base, frame, seq);
      change = sumOf(change, { ...NO_USAGE, frame_bytes: grown });
    }
    for (let at = 0; at < upkeep.removed.length; at += DELETED_AT_ONCE) {
      const extent = await this.store.remove(em, place, upkeep.removed.slice(at, at + DELETED_AT_ONCE));
      change = differenceOf(change, { ...NO_USAGE, ...extent });
    }
    if (upkeep.removed.length > 0) await this.store.removeUnusedTexts(em, place);
    await this.usage.add(em, ref.userKey, ref.graphKey, change);
  }

  /**
   * Returns a function that loads documents of a graph. If many are requested and all together are small, decodes
   * every frame once instead of a whole chain for each.
   */
  private async loader(
    ref: GraphRef,
    links: readonly SizedLink[],
    wanted: number,
  ): Promise<(version: number) => Promise<Buffer>> {
    const bytes = links.reduce((sum, link) => sum + link.bytes, 0);
    const one = (version: number) => this.load(ref, version);
    if (wanted < WORTH_DECODING_ALL || bytes > DECODED_AT_ONCE_BYTES) return one;
    const documents = await this.decodeAll(ref);
    return (version) => {
      const found = documents.get(version);
      // A damaged version is found, named and reported where single versions are read.
      return found ? Promise.resolve(found) : one(version);
    };
  }

  private async decodeAll(ref: GraphRef): Promise<Map<number, Buffer>> {
    const rows = await this.unitOfWork.read((em) => this.store.frames(em, placeOf(ref)));
    const key = await this.keyring.dataKey(ref.userKey, uuidBytes(ref.userId));
    const documents = new Map<number, Buffer>();
    const opened = rows.flatMap((row) => openedOrNone(() => openFrame(key, ref, row)));
    for (const { version, bytes } of decodeEvery(opened)) {
      if (bytes) documents.set(version, bytes);
      if (documents.size % DECODED_IN_A_ROW === 0) await yieldToEventLoop();
    }
    return documents;
  }

  private async load(ref: GraphRef, version: number): Promise<Buffer> {
    const bytes = await this.versions.readConfig(ref, version);
    if (!bytes) throw new Error(`Version ${version} was removed during upkeep of its graph.`);
    return bytes;
  }
}

function openedOrNone(open: () => StoredVersion): StoredVersion[] {
  try {
    return [open()];
  } catch (error) {
    if (error instanceof CorruptVersionError) return [];
    throw error;
  }
}

/** Each kept version whose next version is removed; `links` in the order of versions. */
function gapsAfter(
  links: readonly DatedLink[],
  removed: ReadonlySet<number>,
): Array<{ version: number; validUntil: number }> {
  return links.flatMap(({ version }, index) => {
    const next = links[index + 1];
    return next && removed.has(next.version) && !removed.has(version)
      ? [{ version, validUntil: next.createdAt }]
      : [];
  });
}
