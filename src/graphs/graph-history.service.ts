import { Injectable } from '@nestjs/common';
import { VersionsService, changeOf, type GraphRef, type ListedVersion } from '../versions/versions.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { toIso } from '../platform/clock/instant';
import { AppError, notFound } from '../platform/errors/app-error';
import { encodeCursor, totalOf, type Page } from '../platform/http/pagination';
import { statusName } from './domain/graph-content';
import { graphOf, type Graph } from './domain/graph';
import type { GraphInfoRow } from './domain/graph.entity';
import { GraphReaderService, refOf } from './graph-reader.service';

/** A version with the bytes of its config. */
export interface WholeVersion {
  version: ListedVersion;
  config: Buffer;
}

/** The version to restore: its number, or the time (ms since the epoch) at which it was current. */
export type RestoreTarget = { version: number } | { at: number };

/** The requested part of a history: versions below `before`. */
export interface VersionsPart {
  limit: number;
  skip: number;
  before: number | null;
}

/** Versions that one statement of a search reads. */
const SEARCHED = 100;

/** Higher than any version number. */
const ABOVE_ALL = 2_147_483_647;

/** Reads graphs as they were in the past. */
@Injectable()
export class GraphHistoryService {
  constructor(
    private readonly reader: GraphReaderService,
    private readonly versions: VersionsService,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns a graph as it was at `time` (ms since the epoch), even if it was deleted later. 404 if it was in the
   * trash at that time, 422 if the time cannot be reached; see `versionAt`.
   */
  async getAt(caller: Caller, id: string, time: number): Promise<Graph> {
    const row = await this.reader.info(caller, id);
    const ref = refOf(row, caller.id);
    const version = await this.versionAt(ref, time);
    if (changeOf(version) === 'deleted') {
      throw new AppError(
        'not_found',
        'deleted-then',
        `The graph was deleted at that time (from ${toIso(version.created_at)} on). Request an earlier time.`,
      );
    }
    return this.stateAt(row, ref, version);
  }

  /**
   * Returns the version that was current at `time` (ms since the epoch), never another one. 422 with the nearest
   * reachable times for a time in the future, before the oldest kept version, or within a gap left by pruning.
   */
  async versionAt(ref: GraphRef, time: number): Promise<ListedVersion> {
    const now = this.clock.now();
    const version = await this.versions.findAt(ref, time);
    if (!version) throw outOfReach('is before the oldest version that is kept', await this.window(ref, now));
    if (time > Math.max(now, version.created_at))
      throw outOfReach('is in the future', await this.window(ref, now));
    if (version.valid_until !== null && time >= version.valid_until)
      throw await this.inGap(ref, version, version.valid_until);
    return version;
  }

  /** Lists versions of a graph that is not deleted, newest first. */
  async list(caller: Caller, id: string, part: VersionsPart): Promise<Page<ListedVersion>> {
    return this.listRef((await this.requireUndeleted(caller, id)).ref, part);
  }

  /** Lists versions of any graph of the caller, also in the trash. */
  async listAny(caller: Caller, id: string, part: VersionsPart): Promise<Page<ListedVersion>> {
    return this.listRef(await this.refOfAny(caller, id), part);
  }

  /** Finds a graph of the caller, also in the trash; else 404. */
  async refOfAny(caller: Caller, id: string): Promise<GraphRef> {
    return refOf(await this.reader.info(caller, id), caller.id);
  }

  /** Returns one version with its config, of a graph that is not deleted. */
  async get(caller: Caller, id: string, number: string): Promise<WholeVersion> {
    const { ref } = await this.requireUndeleted(caller, id);
    const version = await this.find(ref, number);
    return { version, config: await this.configOf(ref, version) };
  }

  /** Finds a version by its number in the URL; 404 if there is none. */
  async find(ref: GraphRef, number: string): Promise<ListedVersion> {
    const version = /^[1-9]\d{0,8}$/.test(number) ? await this.versions.find(ref, Number(number)) : undefined;
    if (!version) throw notFound('version');
    return version;
  }

  /** Finds a version by its number; 422 if it was pruned or is higher than `newest`, the newest version's number. */
  async requireKept(ref: GraphRef, number: number, newest: number): Promise<ListedVersion> {
    const version = await this.versions.find(ref, number);
    if (version) return version;
    const why = number < newest ? 'was pruned' : `does not exist; the newest is ${newest}`;
    const sentence = `Version ${number} ${why}. List the versions to see which ones are kept.`;
    throw new AppError('unprocessable', 'version-out-of-reach', sentence);
  }

  /** Finds the version to restore; 422 if it was pruned, or if the graph cannot be restored to that time. */
  async requireRestorable(ref: GraphRef, target: RestoreTarget, newest: number): Promise<ListedVersion> {
    if ('version' in target) return this.requireKept(ref, target.version, newest);
    const version = await this.versionAt(ref, target.at);
    if (changeOf(version) !== 'deleted') return version;
    throw new AppError(
      'unprocessable',
      'deleted-then',
      `The graph was deleted at that time (since ${toIso(version.created_at)}). Choose an earlier time.`,
    );
  }

  /** Returns the kept version before the given one; for the oldest, the version itself. */
  async previous(ref: GraphRef, version: ListedVersion): Promise<ListedVersion> {
    const [before] = await this.versions.list(ref, version.version, 1, 0);
    return before ?? version;
  }

  /** The number of the newest version with this config (SHA-256); undefined if none is kept. */
  async newestWith(ref: GraphRef, sha256: Buffer): Promise<number | undefined> {
    for (let before = ABOVE_ALL; ;) {
      const part = await this.versions.list(ref, before, SEARCHED, 0);
      const found = part.find(({ config_sha256 }) => config_sha256.equals(sha256));
      if (found || part.length < SEARCHED) return found?.version;
      before = part.at(-1)!.version;
    }
  }

  /** Finds a graph of the caller that is not deleted; 404 otherwise. */
  async requireUndeleted(caller: Caller, id: string): Promise<{ row: GraphInfoRow; ref: GraphRef }> {
    const row = await this.reader.info(caller, id);
    if (row.deleted_at !== null) throw notFound('graph');
    return { row, ref: refOf(row, caller.id) };
  }

  /** Reads the config of a version. */
  async configOf(ref: GraphRef, { version }: ListedVersion): Promise<Buffer> {
    const config = await this.versions.readConfig(ref, version);
    if (!config) throw notFound('version');
    return config;
  }

  /** Lists versions of a graph that was found for its owner. */
  async listRef(ref: GraphRef, part: VersionsPart): Promise<Page<ListedVersion>> {
    const { limit, skip, before: after } = part;
    const rows = await this.versions.list(ref, after ?? ABOVE_ALL, limit + 1, skip);
    const total = await totalOf({ limit, skip, after }, rows.length, (upTo) =>
      this.versions.count(ref, upTo),
    );
    const items = rows.slice(0, part.limit);
    const last = items.at(-1);
    return { items, total, next: rows.length > part.limit && last ? encodeCursor([last.version]) : null };
  }

  private async stateAt(row: GraphInfoRow, ref: GraphRef, version: ListedVersion): Promise<Graph> {
    return {
      ...graphOf(row, ref.userId, await this.configOf(ref, version)),
      title: version.title,
      description: version.description,
      status: statusName(version.status),
      version: version.version,
      configBytes: version.config_bytes,
      configSha256: version.config_sha256.toString('hex'),
      updatedAt: version.created_at,
      deletedAt: null,
      purgeAt: null,
      seq: version.seq,
    };
  }

  private async inGap(ref: GraphRef, before: ListedVersion, validUntil: number): Promise<AppError> {
    const next = await this.versions.nextAt(ref, before.version);
    const later = next === null ? '' : ` and ${toIso(next)}`;
    const nearest = `the nearest times you can restore are ${toIso(validUntil - 1)} (version ${before.version})${later}`;
    return outOfReach('is in a period whose versions were pruned', nearest);
  }

  private async window(ref: GraphRef, now: number): Promise<string> {
    const oldest = await this.versions.oldest(ref);
    return oldest === null
      ? 'no time can be restored'
      : `times from ${toIso(oldest)} to ${toIso(Math.max(now, oldest))} can be restored`;
  }
}

function outOfReach(why: string, nearest: string): AppError {
  return new AppError('unprocessable', 'time-out-of-reach', `This time ${why}: ${nearest}.`);
}
