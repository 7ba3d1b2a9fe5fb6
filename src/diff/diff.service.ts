import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { GraphRef, ListedVersion } from '../versions/versions.service';
import type { Caller } from '../platform/access/caller';
import { DiffPool, DiffRefusedError, type UnreadConfig } from './diff-pool';
import { plain } from './text/describe-changes';
import { maskText } from '../graphs/domain/secret-texts';
import { refusal } from './diff-refusals';
import type { TextOptions } from './text/diff-text';
import { fieldChanges, type FieldChange } from '../graphs/domain/field-changes';
import { statusName } from '../graphs/domain/graph-content';
import { GraphHistoryService } from '../graphs/graph-history.service';

/** What is compared: two versions of a graph, or a version of it with one of another graph (`with`). */
export interface DiffRequest {
  from: number | null;
  to: number | null;
  with: string | null;
}

/** A difference: `config` is the JSON text of what changed in the graph itself. */
export interface VersionDiff {
  from: number;
  to: number;
  /** The graph that `to` is a version of, when it is another one. */
  with: string | null;
  fields: FieldChange[];
  config: Buffer;
}

interface Side {
  ref: GraphRef;
  version: ListedVersion;
}

/** Summaries that are remembered, about 300 bytes each. */
const SUMMARIES_MAX = 20_000;

/** Shows what changed between versions, as data and as a picture. */
@Injectable()
export class DiffService {
  private readonly summaries = new LRUCache<string, Buffer>({ max: SUMMARIES_MAX });

  constructor(
    private readonly history: GraphHistoryService,
    private readonly pool: DiffPool,
  ) {}

  /**
   * What changed; 422 for a version that was pruned or is not there yet. `withBefore`: with each changed node as it was.
   */
  async diff(caller: Caller, id: string, request: DiffRequest, withBefore = false): Promise<VersionDiff> {
    const [from, to] = await this.sides(caller, id, request);
    const config = await this.run(() =>
      this.pool.diff(String(caller.key), ...this.configs(from, to), withBefore),
    );
    const { version: a } = from;
    const { version: b } = to;
    return { from: a.version, to: b.version, with: request.with, fields: changedFields(a, b), config };
  }

  /** The same as a person reads it. */
  async describe(caller: Caller, id: string, request: DiffRequest, options: TextOptions): Promise<string> {
    const [from, to] = await this.sides(caller, id, request);
    const text = await this.run(() =>
      this.pool.describe(String(caller.key), ...this.configs(from, to), options),
    );
    const shown = (text: string | null): string =>
      plain(options.reveal ? (text ?? '') : maskText(text ?? ''));
    const heading = `Version ${from.version.version} → ${to.version.version}`;
    const fields = changedFields(from.version, to.version).map(
      ({ field, from: old, to: now }) => `${field}: \`${shown(old)}\` → \`${shown(now)}\``,
    );
    const lines = [
      options.markdown ? `### ${heading}` : heading,
      ...fields.map((line) => `${options.markdown ? '- ' : '  '}${line}`),
    ];
    return `${lines.join('\n')}\n\n${text.toString()}`;
  }

  /** The counts alone. They are remembered: lists ask for the same ones again and again. */
  async summarize(caller: Caller, id: string, request: DiffRequest): Promise<VersionDiff> {
    const [from, to] = await this.sides(caller, id, request);
    const { version: a } = from;
    const { version: b } = to;
    const key = `${caller.key} ${a.config_sha256.toString('hex')} ${b.config_sha256.toString('hex')}`;
    const config =
      this.summaries.get(key) ??
      (await this.run(() => this.pool.summarize(String(caller.key), ...this.configs(from, to))));
    this.summaries.set(key, config);
    return { from: a.version, to: b.version, with: request.with, fields: changedFields(a, b), config };
  }

  /** The same as a picture: SVG text; `bare`: without the legend. */
  async drawDiff(caller: Caller, id: string, request: DiffRequest, bare = false): Promise<Buffer> {
    const [from, to] = await this.sides(caller, id, request);
    return this.run(() => this.pool.drawDiff(String(caller.key), ...this.configs(from, to), bare));
  }

  /** A picture of one version, the present one by default: SVG text; `bare`: without the legend. */
  async draw(caller: Caller, id: string, version: number | null, bare = false): Promise<Buffer> {
    const { ref, row } = await this.history.requireUndeleted(caller, id);
    const kept = await this.history.requireKept(ref, version ?? row.version, row.version);
    return this.run(() => this.pool.drawGraph(String(caller.key), this.unread({ ref, version: kept }), bare));
  }

  private async sides(caller: Caller, id: string, request: DiffRequest): Promise<[Side, Side]> {
    const { ref, row } = await this.history.requireUndeleted(caller, id);
    if (request.with !== null) {
      const other = await this.history.requireUndeleted(caller, request.with);
      const from = await this.history.requireKept(ref, request.from ?? row.version, row.version);
      const to = await this.history.requireKept(
        other.ref,
        request.to ?? other.row.version,
        other.row.version,
      );
      return [
        { ref, version: from },
        { ref: other.ref, version: to },
      ];
    }
    const to = await this.history.requireKept(ref, request.to ?? row.version, row.version);
    const from =
      request.from === null
        ? await this.history.previous(ref, to)
        : await this.history.requireKept(ref, request.from, row.version);
    return [
      { ref, version: from },
      { ref, version: to },
    ];
  }

  private configs(from: Side, to: Side): [UnreadConfig, UnreadConfig] {
    return [this.unread(from), this.unread(to)];
  }

  private unread({ ref, version }: Side): UnreadConfig {
    return { bytes: version.config_bytes, read: () => this.history.configOf(ref, version) };
  }

  private async run(work: () => Promise<Buffer>): Promise<Buffer> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DiffRefusedError) throw refusal(error);
      throw error;
    }
  }
}

function changedFields(from: ListedVersion, to: ListedVersion): FieldChange[] {
  return fieldChanges({ ...from, status: statusName(from.status) }, { ...to, status: statusName(to.status) });
}
