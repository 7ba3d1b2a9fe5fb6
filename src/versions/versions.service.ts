import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { Metrics } from '../platform/metrics/metrics';
import {
  BACKUP_STATUSES,
  NOTHING_STORED,
  backupStatus,
  seqsOf,
  type BackupStatus,
  type VaultMarks,
} from './domain/backup-status';
import { CHANGES, type Change } from './domain/change';
import {
  FIRST_VERSION,
  placeOf,
  type Config,
  type GraphRef,
  type Head,
  type PreparedVersion,
} from './domain/head';
import { HeadCache } from './head-cache';
import { VersionPreparer } from './version-preparer';
import { VersionReader } from './version-reader';
import { VersionsStore, type ListedVersion } from './versions.store';

export { CHANGES, BACKUP_STATUSES, FIRST_VERSION, NOTHING_STORED, backupStatus, placeOf, seqsOf };
export type { BackupStatus, Change, Config, GraphRef, Head, ListedVersion, PreparedVersion, VaultMarks };

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

/** Marks that protect a version from pruning. */
export interface VersionMarks {
  label: string | null;
  pinned: boolean;
}

/**
 * The history of graphs: encodes and encrypts a version before the transaction, writes its row inside it, and reads
 * any version back byte for byte. A document that does not match its hash is an error and never returned.
 */
@Injectable()
export class VersionsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: VersionsStore,
    private readonly preparer: VersionPreparer,
    private readonly reader: VersionReader,
    private readonly heads: HeadCache,
    private readonly metrics: Metrics,
  ) {}

  /** See `VersionPreparer.digest`. */
  digest(bytes: Buffer, owner: string): Promise<Config> {
    return this.preparer.digest(bytes, owner);
  }

  /** See `VersionPreparer.prepareFirst`. */
  prepareFirst(ref: Omit<GraphRef, 'graphKey'>, config: Config): Promise<PreparedVersion> {
    return this.preparer.prepareFirst(ref, config);
  }

  /** See `VersionPreparer.prepareNext`. */
  prepareNext(ref: GraphRef, head: Head, config: Config | null): Promise<PreparedVersion> {
    return this.preparer.prepareNext(ref, head, config);
  }

  /** See `VersionReader.readHead`. */
  readHead(ref: GraphRef, head: Head): Promise<Buffer | undefined> {
    return this.reader.readHead(ref, head);
  }

  /** See `VersionReader.readConfig`. */
  readConfig(ref: GraphRef, version: number): Promise<Buffer | undefined> {
    return this.reader.readConfig(ref, version);
  }

  /** See `VersionReader.missing`. */
  missing(ref: GraphRef, version: number): Promise<never> {
    return this.reader.missing(ref, version);
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
    const { userKey: user_key, graphKey: graph_key } = ref;
    const { seq, title, description, text_version } = facts;
    if (text_version === version)
      await this.store.insertText(em, { user_key, graph_key, version, seq, title, description });
    const row = {
      user_key,
      graph_key,
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
}

/** The change that created a version. Throws for a number that this release does not know. */
export function changeOf(row: ListedVersion): Change {
  const change = CHANGES[row.change];
  if (!change) throw new Error(`Unknown change number: ${row.change}.`);
  return change;
}
