import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { AppError, notFound, type FieldError } from '../platform/errors/app-error';
import { FIRST_VERSION, VersionsService } from '../versions/versions.service';
import { ConfigEditors, type ConfigEditor, type EditedConfig } from './config-editors';
import { fieldChanges, takeBack, type FieldChange, type Fields } from './domain/field-changes';
import type { Graph } from './domain/graph';
import { statusCode, statusName, type GraphTexts } from './domain/graph-content';
import type { GraphStatus } from './domain/graph-status';
import type { GraphRow } from './domain/graph.entity';
import { GraphHistoryService, type RestoreTarget } from './graph-history.service';
import { GraphQueue } from './graph-queue';
import { GraphReaderService } from './graph-reader.service';
import { GraphWriterService, type GraphEdit } from './graph-writer.service';
import { requireMatch } from './if-match';

/** The nodes to bring back, and the version that has them. */
export interface PartRequest {
  version: number;
  nodes: readonly string[];
}

/** What an edit came to: the graph with its new version, or what the edit would do. */
export interface EditedGraph {
  /** The graph as it is now; in a dry run as it was before. */
  graph: Graph;
  fields: FieldChange[];
  report: Buffer;
}

/** An edit of a part of a graph. */
interface Edit {
  /** What else the new version has. */
  facts: Pick<GraphEdit, 'restoredFrom' | 'details'>;
  make(editor: ConfigEditor, present: Buffer): Promise<EditedConfig>;
  /** Changes of title, description and status. */
  fieldsOf?(present: GraphRow): FieldEdit;
}

/** Changes of title, description and status, and those that cannot be made. */
interface FieldEdit {
  edit: Partial<GraphEdit>;
  changes: FieldChange[];
  conflicts: FieldError[];
}

const NO_FIELDS: FieldEdit = { edit: {}, changes: [], conflicts: [] };

/** Restores parts of graphs, and takes back what single versions changed. */
@Injectable()
export class GraphPartsService {
  constructor(
    private readonly queue: GraphQueue,
    private readonly reader: GraphReaderService,
    private readonly writer: GraphWriterService,
    private readonly history: GraphHistoryService,
    private readonly versions: VersionsService,
    private readonly editors: ConfigEditors,
  ) {}

  /**
   * Brings nodes of a version back into the present state as a new version; title, description and status stay. No
   * version is written if the nodes are as they were.
   */
  async restore(caller: Caller, id: string, request: PartRequest, ifMatch?: string): Promise<EditedGraph> {
    const edit = await this.restoring(caller, id, request);
    return this.queue.exclusively(caller, id, (row) => this.write(caller, row, edit, ifMatch));
  }

  /** What `restore` would do. */
  async previewRestore(
    caller: Caller,
    id: string,
    request: PartRequest,
    ifMatch?: string,
  ): Promise<EditedGraph> {
    const edit = await this.restoring(caller, id, request);
    return this.preview(caller, await this.reader.row(caller, id), edit, ifMatch);
  }

  /** What restoring a whole version, or the state at a time, would do. */
  async previewWhole(
    caller: Caller,
    id: string,
    target: RestoreTarget,
    ifMatch?: string,
  ): Promise<EditedGraph> {
    const { row, ref } = await this.history.requireUndeleted(caller, id);
    const past = await this.history.requireRestorable(ref, target, row.version);
    const config = await this.history.configOf(ref, past);
    const edit: Edit = {
      facts: { restoredFrom: past.version },
      make: (editor, present) => editor.replace(String(caller.key), present, config),
      fieldsOf: (present) => ({ ...NO_FIELDS, changes: fieldChanges(fieldsOf(present), fieldsOf(past)) }),
    };
    return this.preview(caller, await this.reader.row(caller, id), edit, ifMatch);
  }

  /**
   * Takes back what one version changed, on top of the present state, as a new version. 409 with a list if parts of it
   * were changed again since; 422 if the version before was pruned.
   */
  async revert(caller: Caller, id: string, version: number, ifMatch?: string): Promise<EditedGraph> {
    const edit = await this.reverting(caller, id, version);
    return this.queue.exclusively(caller, id, (row) => this.write(caller, row, edit, ifMatch));
  }

  /** What `revert` would do. */
  async previewRevert(caller: Caller, id: string, version: number, ifMatch?: string): Promise<EditedGraph> {
    const edit = await this.reverting(caller, id, version);
    return this.preview(caller, await this.reader.row(caller, id), edit, ifMatch);
  }

  private async reverting(caller: Caller, id: string, version: number): Promise<Edit> {
    const { row, ref } = await this.history.requireUndeleted(caller, id);
    const after = await this.history.requireKept(ref, version, row.version);
    if (version === FIRST_VERSION) throw new AppError('unprocessable', 'no-version-before', NOTHING_BEFORE);
    const before = await this.history.requireKept(ref, version - 1, row.version);
    const around = {
      before: await this.history.configOf(ref, before),
      after: await this.history.configOf(ref, after),
    };
    return {
      facts: { restoredFrom: before.version, details: { reverted: version } },
      make: (editor, present) => editor.revert(String(caller.key), around, present),
      fieldsOf: (present) =>
        fieldsBack({ before: fieldsOf(before), after: fieldsOf(after) }, fieldsOf(present)),
    };
  }

  private async restoring(caller: Caller, id: string, { version, nodes }: PartRequest): Promise<Edit> {
    const { row, ref } = await this.history.requireUndeleted(caller, id);
    const past = await this.history.requireKept(ref, version, row.version);
    const from = await this.history.configOf(ref, past);
    return {
      facts: { restoredFrom: version, details: { nodes: nodes.length } },
      make: (editor, present) => editor.restoreNodes(String(caller.key), from, present, nodes),
    };
  }

  private async preview(caller: Caller, row: GraphRow, edit: Edit, ifMatch?: string): Promise<EditedGraph> {
    if (row.deleted_at !== null) throw notFound('graph');
    requireMatch(row, ifMatch);
    const { config, ...graph } = await this.reader.whole(caller, row);
    const fields = edit.fieldsOf?.(row) ?? NO_FIELDS;
    const { report } = await this.edited(edit, fields, config);
    return { graph, fields: fields.changes, report };
  }

  private async edited(edit: Edit, { conflicts }: FieldEdit, present: Buffer = EMPTY): Promise<EditedConfig> {
    const edited = await this.editors
      .run((editor) => edit.make(editor, present))
      .catch((error: unknown): never => {
        throw withConflicts(error, conflicts);
      });
    if (conflicts.length > 0) throw new AppError('conflict', 'conflict', CONFLICT, { errors: conflicts });
    return edited;
  }

  private async write(caller: Caller, row: GraphRow, edit: Edit, ifMatch?: string): Promise<EditedGraph> {
    if (row.deleted_at !== null) throw notFound('graph');
    requireMatch(row, ifMatch);
    const present = await this.reader.whole(caller, row);
    const fieldEdit = edit.fieldsOf?.(row) ?? NO_FIELDS;
    const { edit: fields, changes } = fieldEdit;
    const { config, report } = await this.edited(edit, fieldEdit, present.config);
    const digest = await this.versions.digest(config, caller.id);
    const changed = !digest.sha256.equals(row.config_sha256);
    if (!changed && changes.length === 0) return { graph: present, fields: [], report };
    const whole: GraphEdit = {
      ...fields,
      ...edit.facts,
      ...(changed && { config: digest }),
      change: 'restored',
    };
    return { graph: await this.writer.write(caller, row, whole), fields: changes, report };
  }
}

function fieldsOf({ title, description, status }: GraphTexts & { status: number }): Fields {
  return { title, description, status: statusName(status) };
}

/** 409 that lists fields together with what the config says. */
function withConflicts(error: unknown, conflicts: readonly FieldError[]): unknown {
  if (!(error instanceof AppError) || error.kind !== 'conflict') return error;
  return new AppError('conflict', error.code, error.message, {
    errors: [...conflicts, ...error.errors],
    cause: error,
  });
}

function fieldsBack(around: { before: Fields; after: Fields }, present: Fields): FieldEdit {
  const { fields, conflicts } = takeBack(around, present);
  const { title, description, status } = fields;
  return {
    edit: { title: title ?? '', description, status: statusCode(status as GraphStatus) },
    changes: fieldChanges(present, fields),
    conflicts: conflicts.map((field) => ({ field, message: 'was changed again since' })),
  };
}

const NOTHING_BEFORE =
  'This is the first version, so there is nothing to go back to. Restore another version instead.';
const CONFLICT =
  'What this version changed cannot be taken back, because of later changes; see "errors". Nothing was written.';

const EMPTY = Buffer.from('{}');
