import { Injectable } from '@nestjs/common';
import { VersionsService, changeOf, type GraphRef, type ListedVersion } from '../versions/versions.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { toIso } from '../platform/clock/instant';
import { AppError, notFound } from '../platform/errors/app-error';
import { encodeCursor, type Page } from '../platform/http/pagination';
import { statusName } from './domain/graph-content';
import { graphOf, type Graph } from './domain/graph';
import type { GraphRow } from './domain/graph.entity';
import { GraphReaderService, refOf } from './graph-reader.service';

/** A version with the bytes of its config. */
export interface WholeVersion {
  version: ListedVersion;
  config: Buffer;
}

/** Which part of a history is asked for: below the version `before`. */
export interface VersionsPart {
  limit: number;
  skip: number;
  before: number | null;
}

/** Higher than any version's number. */
const ABOVE_ALL = 2_147_483_647;

/** Reads graphs as they were. */
@Injectable()
export class GraphHistoryService {
  constructor(
    private readonly reader: GraphReaderService,
    private readonly versions: VersionsService,
    private readonly clock: Clock,
  ) {}

  /**
   * A graph as it was at `time` (ms since the epoch), also when it has been deleted since. 404 for a time at which
   * it lay in the bin; 422 for one that cannot be reached, see `versionAt`.
   */
  async getAt(caller: Caller, id: string, time: number): Promise<Graph> {
    const row = await this.reader.row(caller, id);
    const ref = refOf(row, caller.id);
    const version = await this.versionAt(ref, time);
    if (changeOf(version) === 'deleted') {
      throw new AppError(
        'not_found',
        'deleted-then',
        `The graph was deleted at that time (from ${toIso(version.created_at)} on); ask for a time before.`,
      );
    }
    return this.stateAt(row, ref, version);
  }

  /**
   * The version a graph was at, at `time` (ms since the epoch). 422, naming the nearest moments that can be
   * reached, for a time in the future, before the first version that is kept, or between versions of which some
   * were pruned; never another version instead.
   */
  async versionAt(ref: GraphRef, time: number): Promise<ListedVersion> {
    const now = this.clock.now();
    const version = await this.versions.findAt(ref, time);
    if (!version) throw outOfReach('is before the first version that is kept', await this.window(ref, now));
    if (time > Math.max(now, version.created_at))
      throw outOfReach('lies in the future', await this.window(ref, now));
    if (version.valid_until !== null && time >= version.valid_until)
      throw await this.inGap(ref, version, version.valid_until);
    return version;
  }

  /** A part of the versions of a graph that is not deleted, newest first. */
  async list(caller: Caller, id: string, part: VersionsPart): Promise<Page<ListedVersion>> {
    return this.listRef((await this.requireUndeleted(caller, id)).ref, part);
  }

  /** The same for any graph of the caller's, in the bin or not. */
  async listAny(caller: Caller, id: string, part: VersionsPart): Promise<Page<ListedVersion>> {
    return this.listRef(refOf(await this.reader.row(caller, id), caller.id), part);
  }

  /** One version whole, of a graph that is not deleted. */
  async get(caller: Caller, id: string, number: string): Promise<WholeVersion> {
    const { ref } = await this.requireUndeleted(caller, id);
    const version = await this.find(ref, number);
    return { version, config: await this.configOf(ref, version) };
  }

  /** A version by its number as it stands in an address; 404 when there is none. */
  async find(ref: GraphRef, number: string): Promise<ListedVersion> {
    const version = /^[1-9]\d{0,8}$/.test(number) ? await this.versions.find(ref, Number(number)) : undefined;
    if (!version) throw notFound('version');
    return version;
  }

  /** A version by its number; 422, which says why, when it was pruned or is not there yet (`newest`: the last one). */
  async requireKept(ref: GraphRef, number: number, newest: number): Promise<ListedVersion> {
    const version = await this.versions.find(ref, number);
    if (version) return version;
    const why = number < newest ? 'was pruned' : `is not there; the newest is ${newest}`;
    const sentence = `Version ${number} ${why}. The list of versions shows those that are kept.`;
    throw new AppError('unprocessable', 'version-out-of-reach', sentence);
  }

  /** The kept version right before one; for the oldest, itself. */
  async previous(ref: GraphRef, version: ListedVersion): Promise<ListedVersion> {
    const { rows } = await this.versions.list(ref, version.version, 1, 0);
    return rows[0] ?? version;
  }

  /** A graph of the caller's that is not deleted. */
  async requireUndeleted(caller: Caller, id: string): Promise<{ row: GraphRow; ref: GraphRef }> {
    const row = await this.reader.row(caller, id);
    if (row.deleted_at !== null) throw notFound('graph');
    return { row, ref: refOf(row, caller.id) };
  }

  /** A version's config. */
  async configOf(ref: GraphRef, { version }: ListedVersion): Promise<Buffer> {
    const config = await this.versions.readConfig(ref, version);
    if (!config) throw notFound('version');
    return config;
  }

  private async listRef(ref: GraphRef, part: VersionsPart): Promise<Page<ListedVersion>> {
    const { rows, total } = await this.versions.list(
      ref,
      part.before ?? ABOVE_ALL,
      part.limit + 1,
      part.skip,
    );
    const items = rows.slice(0, part.limit);
    const last = items.at(-1);
    return { items, total, next: rows.length > part.limit && last ? encodeCursor([last.version]) : null };
  }

  private async stateAt(row: GraphRow, ref: GraphRef, version: ListedVersion): Promise<Graph> {
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
    const later = next === null ? '' : ` and ${toIso(next)} on the other`;
    const nearest = `the nearest moments that can be reached are ${toIso(validUntil - 1)} (version ${before.version}) on one side${later}`;
    return outOfReach('is in a stretch whose versions were pruned', nearest);
  }

  private async window(ref: GraphRef, now: number): Promise<string> {
    const oldest = await this.versions.oldest(ref);
    return oldest === null
      ? 'no time can be reached'
      : `times from ${toIso(oldest)} to ${toIso(Math.max(now, oldest))} can be reached`;
  }
}

function outOfReach(why: string, nearest: string): AppError {
  return new AppError('unprocessable', 'time-out-of-reach', `This time ${why}: ${nearest}.`);
}
