import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { notFound } from '../platform/errors/app-error';
import { VersionsService, type Config } from '../versions/versions.service';
import type { Graph } from './domain/graph';
import { statusCode, type GraphChange, type NewGraph } from './domain/graph-content';
import type { GraphRow } from './domain/graph.entity';
import { GraphHistoryService, type RestoreTarget } from './graph-history.service';
import { GraphQueue } from './graph-queue';
import { GraphReaderService } from './graph-reader.service';
import { GraphWriterService, type GraphEdit } from './graph-writer.service';
import { IdempotencyKeys } from './idempotency-keys';
import { requireMatch } from './if-match';

/** Makes a retry of a creation return the same graph: the client's key, and the exact bytes of the request body. */
export interface Idempotency {
  key: string;
  body: Buffer;
}

/** Creates, changes and restores graphs. */
@Injectable()
export class GraphsService {
  constructor(
    private readonly queue: GraphQueue,
    private readonly reader: GraphReaderService,
    private readonly writer: GraphWriterService,
    private readonly history: GraphHistoryService,
    private readonly versions: VersionsService,
    private readonly idempotency: IdempotencyKeys,
  ) {}

  /** Creates a graph. With an idempotency key, a retry within 24 h returns the graph of the first attempt. */
  create(caller: Caller, content: NewGraph, retry?: Idempotency): Promise<Graph> {
    if (!retry) return this.writer.create(caller, content);
    return this.idempotency.once(caller, retry, (before) => this.writer.create(caller, content, { before }));
  }

  /** Changes the given fields; writes nothing if none of them differs. 412 if `ifMatch` names another state. */
  async update(caller: Caller, id: string, change: GraphChange, ifMatch?: string): Promise<Graph> {
    const config = change.config && (await this.versions.digest(change.config, caller.id));
    return this.queue.exclusively(caller, id, (row) => {
      if (row.deleted_at !== null) throw notFound('graph');
      requireMatch(row, ifMatch);
      const edit = editOf(row, change, config);
      return edit ? this.writer.write(caller, row, edit) : this.reader.whole(caller, row);
    });
  }

  /**
   * Restores title, description, status and config of a version, or of a time, as a new version. 422 for a version
   * that was pruned and for a time that cannot be reached; the detail names what can be. 412 if `ifMatch` names
   * another state.
   */
  async restore(caller: Caller, id: string, target: RestoreTarget, ifMatch?: string): Promise<Graph> {
    const { row, ref } = await this.history.requireUndeleted(caller, id);
    const past = await this.history.requireRestorable(ref, target, row.version);
    const config = await this.versions.digest(await this.history.configOf(ref, past), caller.id);
    const { title, description, status, version: restoredFrom } = past;
    return this.queue.exclusively(caller, id, (present) => {
      if (present.deleted_at !== null) throw notFound('graph');
      requireMatch(present, ifMatch);
      const edit = { title, description, status, config, restoredFrom };
      return this.writer.write(caller, present, { ...edit, change: 'restored' });
    });
  }
}

/** The edit that a request asks for; null if the graph is in that state already. */
function editOf(row: GraphRow, change: GraphChange, config: Config | undefined): GraphEdit | null {
  const { title = row.title, description = row.description } = change;
  const status = change.status === undefined ? row.status : statusCode(change.status);
  const newConfig = config && !config.sha256.equals(row.config_sha256) ? config : undefined;
  const unchanged =
    !newConfig && title === row.title && description === row.description && status === row.status;
  if (unchanged) return null;
  return { change: 'updated', title, description, status, ...(newConfig && { config: newConfig }) };
}
