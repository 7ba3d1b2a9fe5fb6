import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Keyring } from '../platform/crypto/keyring';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { uuidBytes } from '../platform/ids/uuid';
import { Metrics } from '../platform/metrics/metrics';
import { CodecPool } from './codec-pool';
import {
  chainStateOf,
  isWorthACopy,
  placeNext,
  stateAfter,
  type ChainState,
  type Placement,
} from './domain/chain';
import { CorruptVersionError } from './domain/corrupt-version.error';
import {
  BACKUP_STATUSES,
  NOTHING_STORED,
  backupStatus,
  type BackupStatus,
  type VaultMarks,
} from './domain/backup-status';
import { CHANGES, type Change } from './domain/change';
import { HeadCache } from './head-cache';
import { copyFrame } from '../platform/compression/copy-frame';
import { DamagedVersions, isDamage } from './damaged-versions';
import { openFrame, openHead, sealFrame, sealHead } from './domain/sealed-frames';
import { VersionsStore, type GraphPlace, type ListedVersion } from './versions.store';

export { CHANGES, BACKUP_STATUSES, NOTHING_STORED, backupStatus };
export type { BackupStatus, Change, ListedVersion, VaultMarks };

/** Identifies a graph: short keys for the database, public ids for the encryption. */
export interface GraphRef {
  userKey: number;
  userId: string;
  graphKey: number;
  graphId: string;
}

/** What a graph's row stores about its newest version. */
export interface Head {
  version: number;
  configBytes: number;
  configSha256: Buffer;
  chain: ChainState;
  /** A compressed and encrypted copy of the config; empty if reading the chain costs no more. */
  sealed: Buffer;
}

/** A version that is encoded and encrypted, ready to be written. */
export interface PreparedVersion {
  base: number | null;
  frame: Buffer;
  head: Head;
  /** The document, for the response; null if it is damaged and was not read. */
  config: Buffer | null;
}

/** What a version's row takes from the graph's row as it is after the change, and how the change came about. */
export interface VersionFacts {
  change: Change;
  /** The graph's status, as a number of the graphs feature. */
  status: number;
  /** The version that set the title and description; this one's number if it sets them itself. */
  text_version: number;
  title: string;
  description: string | null;
  /** When the version was written, ms since the epoch. */
  updated_at: number;
  seq: number;
  restoredFrom: number | null;
  /** Bytes of the sealed head that the graph's row had before; null for a new graph. */
  headBefore: number | null;
}

/** A document with its hash. */
export interface Config {
  bytes: Buffer;
  sha256: Buffer;
}

/** Marks that protect a version from pruning. */
export interface VersionMarks {
  label: string | null;
  pinned: boolean;
}

/** Number of the first version of a graph. */
export const FIRST_VERSION = 1;
const NO_COPY: Buffer = Buffer.alloc(0);

/**
 * The history of graphs: encodes and encrypts a version before the transaction, writes its row inside it, and reads
 * any version back byte for byte. A document that does not match its hash is an error and never returned.
 */
@Injectable()
export class VersionsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VersionsStore,
    private readonly keyring: Keyring,
    private readonly codec: CodecPool,
    private readonly damaged: DamagedVersions,
    private readonly heads: HeadCache,
    private readonly metrics: Metrics,
  ) {}

  /** A document with its SHA-256, from which versions are prepared. */
  async digest(bytes: Buffer): Promise<Config> {
    return { bytes, sha256: await this.codec.sha256(bytes) };
  }

  /** Prepares the first version of a graph that has no row yet. */
  prepareFirst(ref: Omit<GraphRef, 'graphKey'>, config: Config): Promise<PreparedVersion> {
    const placement = placeNext(null, 0, config.bytes.length);
    return this.prepare(ref, null, FIRST_VERSION, placement, null, config);
  }

  /**
   * Prepares the version after `head`. The result is valid only for that head: write it with compare-and-set, and
   * prepare again if the head has changed. `config` null: the document stays as it is, even if it cannot be read.
   */
  async prepareNext(ref: GraphRef, head: Head, config: Config | null): Promise<PreparedVersion> {
    const { state, placement, base } = await this.placeNext(
      ref,
      head,
      config?.bytes.length ?? head.configBytes,
    );
    const document = config ?? (await this.sameAs(ref, head, placement, base));
    if (!document) return this.prepareUnread(ref, head);
    return this.prepare(ref, state, head.version + 1, placement, base, document);
  }

  /**
   * Writes the rows of a prepared version in the caller's transaction and updates the usage counters; call it last.
   */
  async append(
    em: EntityManager,
    ref: GraphRef,
    prepared: PreparedVersion,
    facts: VersionFacts,
  ): Promise<void> {
    const { version, configBytes, configSha256 } = prepared.head;
    this.metrics.versionBytes.inc({ kind: 'in' }, configBytes);
    this.metrics.versionBytes.inc({ kind: 'stored' }, prepared.frame.length);
    const place = { user_key: ref.userKey, graph_key: ref.graphKey };
    const { seq, title, description, text_version } = facts;
    if (text_version === version)
      await this.store.insertText(em, { ...place, version, seq, title, description });
    const row = {
      ...place,
      version,
      base_version: prepared.base,
      change: CHANGES.indexOf(facts.change),
      status: facts.status,
      text_version,
      created_at: facts.updated_at,
      valid_until: null,
      label: null,
      pinned: 0,
      restored_from: facts.restoredFrom,
      config_bytes: configBytes,
      config_sha256: configSha256,
      seq,
      frame: prepared.frame,
    };
    await this.store.insertCounted(em, row, {
      graphs: facts.headBefore === null ? 1 : 0,
      versions: 1,
      config_bytes: configBytes,
      head_bytes: prepared.head.sealed.length - (facts.headBefore ?? 0),
      frame_bytes: prepared.frame.length,
    });
    if (prepared.config) this.heads.put(ref.graphKey, prepared.head, prepared.config);
    else this.heads.forget(ref.graphKey);
  }

  /**
   * The config of the newest version: the copy on the graph's row, or the chain if there is no copy or it is
   * damaged. A damaged copy is reported, and the graph's next change replaces it. Undefined: the version no longer
   * exists because the graph was changed and pruned since the row was read.
   */
  async readHead(ref: GraphRef, head: Head): Promise<Buffer | undefined> {
    const known = this.heads.get(ref.graphKey, head);
    if (known) return known;
    const config = head.sealed.length > 0 ? await this.readCopy(ref, head) : await this.readNewest(ref, head);
    if (config) this.heads.put(ref.graphKey, head, config);
    return config;
  }

  /** Reports a version that its graph's row names but that has no row, like any damage, and throws. */
  async missing(ref: GraphRef, version: number): Promise<never> {
    return this.damaged.watch(ref, version, () =>
      Promise.reject(new CorruptVersionError(version, version, 'missing-row')),
    );
  }

  /** The config of any version; undefined if the version does not exist. Throws if it is damaged. */
  async readConfig(ref: GraphRef, version: number): Promise<Buffer | undefined> {
    const rows = await this.unitOfWork.read((em) => this.store.chain(em, placeOf(ref), version));
    if (!rows.some((row) => row.version === version)) return undefined;
    const key = await this.keyring.dataKey(ref.userKey, uuidBytes(ref.userId));
    return this.damaged.watch(ref, version, async () =>
      this.codec.decodeChain(
        rows.map((row) => openFrame(key, ref, row, version)),
        version,
      ),
    );
  }

  find(ref: GraphRef, version: number): Promise<ListedVersion | undefined> {
    return this.unitOfWork.read((em) => this.store.find(em, placeOf(ref), version));
  }

  /** The newest version that existed at `time` (ms since the epoch). */
  findAt(ref: GraphRef, time: number): Promise<ListedVersion | undefined> {
    return this.unitOfWork.read((em) => this.store.findAt(em, placeOf(ref), time));
  }

  /** When the next kept version began, ms since the epoch; null for the newest. */
  async nextAt(ref: GraphRef, version: number): Promise<number | null> {
    return (
      (await this.unitOfWork.read((em) => this.store.next(em, placeOf(ref), version)))?.created_at ?? null
    );
  }

  /** Sets label and pin of a version in the caller's transaction; false if the version does not exist. */
  mark(
    em: EntityManager,
    ref: GraphRef,
    version: number,
    marks: VersionMarks,
    seq: number,
  ): Promise<boolean> {
    const pinned = marks.pinned ? 1 : 0;
    return this.store.mark(em, placeOf(ref), version, { label: marks.label, pinned, seq });
  }

  /** Drops the cached document of a graph that is being removed. */
  forget(graphKey: number): void {
    this.heads.forget(graphKey);
  }

  /** Lists versions below `before`, newest first. */
  list(ref: GraphRef, before: number, limit: number, skip: number): Promise<ListedVersion[]> {
    return this.unitOfWork.read((em) => this.store.list(em, placeOf(ref), before, limit, skip));
  }

  /** Counts the versions of a graph, up to `upTo`. */
  count(ref: GraphRef, upTo: number): Promise<number> {
    return this.unitOfWork.read((em) => this.store.count(em, placeOf(ref), upTo));
  }

  /** The earliest time a graph can be restored to, ms since the epoch. */
  async oldest(ref: GraphRef): Promise<number | null> {
    return this.unitOfWork.read((em) => this.store.oldest(em, placeOf(ref)));
  }

  private async prepare(
    ref: Omit<GraphRef, 'graphKey'>,
    state: ChainState | null,
    version: number,
    placement: Placement,
    base: Buffer | null,
    config: Config,
  ): Promise<PreparedVersion> {
    const key = await this.keyring.dataKey(ref.userKey, uuidBytes(ref.userId));
    const { frame, patched } = await this.codec.encode(config.bytes, base, placement.worth);
    const baseVersion = patched ? placement.base : null;
    const chain = stateAfter(state, placement, version, patched);
    const copy = isWorthACopy(chain, config.bytes.length) ? await this.codec.encodeHead(config.bytes) : null;
    return {
      base: baseVersion,
      frame: sealFrame(key, ref, version, baseVersion, frame),
      head: {
        version,
        configBytes: config.bytes.length,
        configSha256: config.sha256,
        chain,
        sealed: copy ? sealHead(key, ref, version, copy) : NO_COPY,
      },
      config: config.bytes,
    };
  }

  private async readCopy(ref: GraphRef, head: Head): Promise<Buffer> {
    const { version, configBytes: bytes, configSha256: sha256, sealed } = head;
    const key = await this.keyring.dataKey(ref.userKey, uuidBytes(ref.userId));
    try {
      return await this.damaged.watch(ref, version, () =>
        this.codec.decodeHead({ version, bytes, sha256, frame: openHead(key, ref, version, sealed) }),
      );
    } catch (error) {
      if (!isDamage(error)) throw error;
      const config = await this.readConfig(ref, version);
      if (!config || !(await this.isOf(head, config))) throw error;
      return config;
    }
  }

  private async readNewest(ref: GraphRef, head: Head): Promise<Buffer | undefined> {
    const { version } = head;
    const config = await this.readConfig(ref, version);
    if (!config || (await this.isOf(head, config))) return config;
    return this.damaged.watch(ref, version, () =>
      Promise.reject(new CorruptVersionError(version, version, 'wrong-hash')),
    );
  }

  private async isOf(head: Head, config: Buffer): Promise<boolean> {
    return (await this.codec.sha256(config)).equals(head.configSha256);
  }

  /** The document of the newest version; null if it is damaged, which is reported. */
  private async sameAs(
    ref: GraphRef,
    head: Head,
    placement: Placement,
    base: Buffer | null,
  ): Promise<Config | null> {
    const sha256 = head.configSha256;
    if (base && placement.base === head.version) return { bytes: base, sha256 };
    try {
      const bytes = (await this.readHead(ref, head)) ?? (await this.missing(ref, head.version));
      return { bytes, sha256 };
    } catch (error) {
      if (!isDamage(error)) throw error;
      return this.smallest(head);
    }
  }

  /** Two documents are too short for a patch; they are recognised by their hash. */
  private async smallest(head: Head): Promise<Config | null> {
    for (const text of ['{}', '[]']) {
      const bytes = Buffer.from(text);
      if (await this.isOf(head, bytes)) return { bytes, sha256: head.configSha256 };
    }
    return null;
  }

  /**
   * Prepares a version with the same document as a damaged newest version, without reading it: an empty patch. It
   * becomes readable when the damaged row is replaced from a backup.
   */
  private async prepareUnread(ref: GraphRef, head: Head): Promise<PreparedVersion> {
    const key = await this.keyring.dataKey(ref.userKey, uuidBytes(ref.userId));
    const version = head.version + 1;
    return {
      base: head.version,
      frame: sealFrame(key, ref, version, head.version, copyFrame(head.configBytes)),
      head: { ...head, version, sealed: NO_COPY },
      config: null,
    };
  }

  /** Where the next version goes. A damaged base was already reported; writing continues without it. */
  private async placeNext(ref: GraphRef, head: Head, bytes: number): Promise<NextPlace> {
    try {
      const placement = placeNext(head.chain, head.version, bytes);
      if (placement.base === null) return { state: head.chain, placement, base: null };
      const base = await this.readBase(ref, head, placement.base);
      return base ? { state: head.chain, placement, base } : await this.placeFromLinks(ref, head, bytes);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return baseless(head, bytes);
    }
  }

  /** The anchor that the row names was pruned: derives the state from the links. */
  private async placeFromLinks(ref: GraphRef, head: Head, bytes: number): Promise<NextPlace> {
    const state = chainStateOf(await this.unitOfWork.read((em) => this.store.links(em, placeOf(ref))));
    const placement = placeNext(state, head.version, bytes);
    const base = placement.base === null ? undefined : await this.readBase(ref, head, placement.base);
    return base ? { state, placement, base } : baseless(head, bytes);
  }

  private readBase(ref: GraphRef, head: Head, version: number): Promise<Buffer | undefined> {
    return version === head.version ? this.readHead(ref, head) : this.readConfig(ref, version);
  }
}

/** The change that created a version. Throws for a number that this release does not know. */
export function changeOf(row: ListedVersion): Change {
  const change = CHANGES[row.change];
  if (!change) throw new Error(`Unknown change number: ${row.change}.`);
  return change;
}

interface NextPlace {
  state: ChainState | null;
  placement: Placement;
  base: Buffer | null;
}

/** Without its base, a full frame is always correct. */
function baseless(head: Head, bytes: number): NextPlace {
  return { state: null, placement: placeNext(null, head.version, bytes), base: null };
}

/** The keys of a graph's rows. */
export function placeOf(ref: GraphRef): GraphPlace {
  return { user_key: ref.userKey, graph_key: ref.graphKey };
}
