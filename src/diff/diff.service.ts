import { Injectable } from '@nestjs/common';
import type { GraphRef, ListedVersion } from '../versions/versions.service';
import type { Caller } from '../platform/access/caller';
import { AppError } from '../platform/errors/app-error';
import { DiffPool, DiffRefusedError } from './diff-pool';
import { statusName } from '../graphs/domain/graph-content';
import { GraphHistory } from '../graphs/graph-history.service';

/** What is compared: two versions of a graph, or a version of it with one of another graph (`with`). */
export interface DiffRequest {
  from: number | null;
  to: number | null;
  with: string | null;
}

/** A field besides the config that differs. */
export interface FieldChange {
  field: 'title' | 'description' | 'status';
  from: string | null;
  to: string | null;
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

/** Shows what changed between versions, as data and as a picture. */
@Injectable()
export class GraphDiffs {
  constructor(
    private readonly history: GraphHistory,
    private readonly pool: DiffPool,
  ) {}

  /** What changed; 422 for a version that was pruned or is not there yet. */
  async diff(caller: Caller, id: string, request: DiffRequest): Promise<VersionDiff> {
    const [from, to] = await this.sides(caller, id, request);
    const config = await this.run(async () => this.pool.diff(...(await this.configs(from, to))));
    const { version: a } = from;
    const { version: b } = to;
    return { from: a.version, to: b.version, with: request.with, fields: changedFields(a, b), config };
  }

  /** The same as a picture: SVG text. */
  async drawDiff(caller: Caller, id: string, request: DiffRequest): Promise<Buffer> {
    const [from, to] = await this.sides(caller, id, request);
    return this.run(async () => this.pool.drawDiff(...(await this.configs(from, to))));
  }

  /** A picture of one version, the present one by default: SVG text. */
  async draw(caller: Caller, id: string, version: number | null): Promise<Buffer> {
    const { ref, row } = await this.history.living(caller, id);
    const kept = await this.history.kept(ref, version ?? row.version, row.version);
    return this.run(async () => this.pool.drawGraph(await this.history.configOf(ref, kept)));
  }

  private async sides(caller: Caller, id: string, request: DiffRequest): Promise<[Side, Side]> {
    const { ref, row } = await this.history.living(caller, id);
    if (request.with !== null) {
      const other = await this.history.living(caller, request.with);
      const from = await this.history.kept(ref, request.from ?? row.version, row.version);
      const to = await this.history.kept(other.ref, request.to ?? other.row.version, other.row.version);
      return [
        { ref, version: from },
        { ref: other.ref, version: to },
      ];
    }
    const to = await this.history.kept(ref, request.to ?? row.version, row.version);
    const from =
      request.from === null
        ? await this.history.before(ref, to)
        : await this.history.kept(ref, request.from, row.version);
    return [
      { ref, version: from },
      { ref, version: to },
    ];
  }

  private async configs(from: Side, to: Side): Promise<[Buffer, Buffer]> {
    return [
      await this.history.configOf(from.ref, from.version),
      await this.history.configOf(to.ref, to.version),
    ];
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

function refusal(error: DiffRefusedError): AppError {
  if (error.reason === 'queue') {
    const sentence = 'Too many differences are being made at the moment; try again shortly.';
    return new AppError('unavailable', 'diff-busy', sentence, { cause: error, retryAfter: 5 });
  }
  return new AppError(
    'unprocessable',
    'diff-too-large',
    `${error.message}. The versions themselves can still be read.`,
    { cause: error },
  );
}

function changedFields(from: ListedVersion, to: ListedVersion): FieldChange[] {
  const fields: FieldChange[] = [
    { field: 'title', from: from.title, to: to.title },
    { field: 'description', from: from.description, to: to.description },
    { field: 'status', from: statusName(from.status), to: statusName(to.status) },
  ];
  return fields.filter((field) => field.from !== field.to);
}
