import { Injectable } from '@nestjs/common';
import {
  VersionsService,
  changeOf,
  type GraphRef,
  type ListedVersion,
} from '../backups/versions/versions.service';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { toIso } from '../platform/clock/instant';
import { AppError, notFound } from '../platform/errors/app-error';
import { encodeCursor, type Page } from '../platform/http/pagination';
import { statusName } from './domain/graph-content';
import { graphOf, type Graph } from './domain/graph';
import type { GraphRow } from './domain/graph.entity';
import { GraphReader, headOf, refOf } from './graph-reader.service';

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
export class GraphHistory {
  constructor(
    private readonly reader: GraphReader,
    private readonly versions: VersionsService,
    private readonly clock: Clock,
  ) {}

  /**
   * A graph as it was at `time` (ms since the epoch), also when it has been deleted since. 422 for a time before
   * its first version or in the future, 404 for a time at which it lay in the bin; never another state instead.
   */
  async getAt(caller: Caller, id: string, time: number): Promise<Graph> {
    const row = await this.reader.row(caller, id);
    const now = this.clock.now();
    const ref = refOf(row, caller.id);
    if (time > Math.max(now, row.updated_at))
      throw outOfReach('lies in the future', await this.window(ref, now));
    const version = await this.versions.findAt(ref, time);
    if (!version) throw outOfReach('is before the first version that is kept', await this.window(ref, now));
    if (changeOf(version) === 'deleted') {
      throw new AppError(
        'not_found',
        'deleted-then',
        `The graph was deleted at that time (from ${toIso(version.created_at)} on); ask for a time before.`,
      );
    }
    return this.stateAt(row, ref, version);
  }

  /** A part of the versions of a graph that is not deleted, newest first. */
  async list(caller: Caller, id: string, part: VersionsPart): Promise<Page<ListedVersion>> {
    return this.listRef(await this.living(caller, id), part);
  }

  /** The same for any graph of the caller's, in the bin or not. */
  async listAny(caller: Caller, id: string, part: VersionsPart): Promise<Page<ListedVersion>> {
    return this.listRef(refOf(await this.reader.row(caller, id), caller.id), part);
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

  /** One version whole. */
  async get(caller: Caller, id: string, number: string): Promise<WholeVersion> {
    const ref = await this.living(caller, id);
    const wanted = /^[1-9]\d{0,8}$/.test(number) ? Number(number) : null;
    const version = wanted === null ? undefined : await this.versions.find(ref, wanted);
    const config = version && (await this.versions.readConfig(ref, version.version));
    if (!version || !config) throw notFound('version');
    return { version, config };
  }

  private async living(caller: Caller, id: string): Promise<GraphRef> {
    const row = await this.reader.row(caller, id);
    if (row.deleted_at !== null) throw notFound('graph');
    return refOf(row, caller.id);
  }

  private async stateAt(row: GraphRow, ref: GraphRef, version: ListedVersion): Promise<Graph> {
    const isHead = version.version === row.version;
    const config = isHead
      ? await this.versions.readHead(ref, headOf(row))
      : await this.versions.readConfig(ref, version.version);
    if (!config) throw notFound('version');
    return {
      ...graphOf(row, ref.userId, config),
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

  private async window(ref: GraphRef, now: number): Promise<string> {
    const oldest = await this.versions.oldest(ref);
    return oldest === null
      ? 'no time can be reached'
      : `times from ${toIso(oldest)} to ${toIso(Math.max(now, oldest))} can be reached`;
  }
}

function outOfReach(why: string, window: string): AppError {
  return new AppError('unprocessable', 'time-out-of-reach', `This time ${why}: ${window}.`);
}
