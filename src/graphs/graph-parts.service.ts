import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { notFound } from '../platform/errors/app-error';
import { VersionsService } from '../versions/versions.service';
import { ConfigEditors, type ConfigEditor, type EditedConfig } from './config-editors';
import { fieldChanges, type FieldChange, type Fields } from './domain/field-changes';
import type { Graph } from './domain/graph';
import { statusName, type GraphTexts } from './domain/graph-content';
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
  fieldsOf?(present: GraphRow): { edit: Partial<GraphEdit>; changes: FieldChange[] };
}

/** Restores parts of graphs. */
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
      fieldsOf: (present) => ({ edit: {}, changes: fieldChanges(fieldsOf(present), fieldsOf(past)) }),
    };
    return this.preview(caller, row, edit, ifMatch);
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
    const { report } = await this.editors.run((editor) => edit.make(editor, config ?? EMPTY));
    return { graph, fields: edit.fieldsOf?.(row).changes ?? [], report };
  }

  private async write(caller: Caller, row: GraphRow, edit: Edit, ifMatch?: string): Promise<EditedGraph> {
    if (row.deleted_at !== null) throw notFound('graph');
    requireMatch(row, ifMatch);
    const present = await this.reader.whole(caller, row);
    const { config, report } = await this.editors.run((editor) => edit.make(editor, present.config ?? EMPTY));
    const { edit: fields, changes } = edit.fieldsOf?.(row) ?? { edit: {}, changes: [] };
    const digest = await this.versions.digest(config);
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

const EMPTY = Buffer.from('{}');
