import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  BACKUP_STATUSES,
  CHANGES,
  backupStatus,
  changeOf,
  type BackupStatus,
  type Change,
  type ListedVersion,
  type VaultMarks,
} from '../../versions/versions.service';
import { toIso, toIsoOrNull } from '../../platform/clock/instant';
import { Answer, JsonText, jsonWith } from '../../platform/http/answer';
import { graphEtag } from '../../platform/http/etag';
import { GRAPH_STATUSES, type GraphStatus } from '../domain/graph-status';
import { statusName } from '../domain/graph-content';
import type { Graph } from '../domain/graph';
import type { GraphSource } from '../domain/graph-source';
import type { WholeVersion } from '../graph-history.service';
import { AUTHOR_KINDS, type VersionAuthor } from '../version-authors.service';
import { CONFIG_SCHEMA } from './graph.dto';

const ID = '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11';
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const TIME = '2026-11-23T09:15:00.000Z';

/** Who wrote a version. */
export class VersionAuthorView {
  @ApiProperty({
    enum: AUTHOR_KINDS,
    description:
      '`user`: a person who signed in. `token`: a program with an API token. `source`: a connected tool.',
    example: 'token',
  })
  kind!: VersionAuthor['kind'];

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description:
      'Of the user, the API token, or the source that fills the graph; null for a source that was removed.',
    example: ID,
  })
  id!: string | null;
}

/** A version as lists show it. */
export class VersionView {
  @ApiProperty({ example: 3 })
  version!: number;

  @ApiProperty({ enum: CHANGES, example: 'updated' })
  change!: Change;

  @ApiProperty({ example: 'Order intake' })
  title!: string;

  @ApiProperty({ enum: GRAPH_STATUSES, example: 'active' })
  status!: GraphStatus;

  @ApiProperty({ format: 'uuid', example: ID })
  author_id!: string;

  @ApiProperty({ format: 'date-time', example: TIME })
  created_at!: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  label!: string | null;

  @ApiProperty({ example: false })
  pinned!: boolean;

  @ApiProperty({ description: 'Length of the config as sent, bytes.', example: 20480 })
  config_bytes!: number;

  @ApiProperty({ description: 'SHA-256 of the config as sent.', example: SHA256 })
  config_sha256!: string;

  @ApiProperty({ type: Number, nullable: true, example: null })
  restored_from!: number | null;

  @ApiProperty({ enum: BACKUP_STATUSES, example: 'pending' })
  backup_status!: BackupStatus;

  static from(row: ListedVersion, authorId: string, marks: VaultMarks): VersionView {
    return {
      version: row.version,
      change: changeOf(row),
      title: row.title,
      status: statusName(row.status),
      author_id: authorId,
      created_at: toIso(row.created_at),
      label: row.label,
      pinned: row.pinned === 1,
      config_bytes: row.config_bytes,
      config_sha256: row.config_sha256.toString('hex'),
      restored_from: row.restored_from,
      backup_status: backupStatus(row.seq, marks),
    };
  }
}

/** A version in the list of its graph. */
export class ListedVersionView extends VersionView {
  @ApiPropertyOptional({
    type: VersionAuthorView,
    nullable: true,
    description: 'With `include=author`; null if the journal does not say it any more.',
  })
  author?: VersionAuthorView | null;
}

/** A version with its config. */
export class WholeVersionView extends VersionView {
  @ApiProperty({ type: String, nullable: true, example: null })
  description!: string | null;

  @ApiProperty(CONFIG_SCHEMA)
  config!: unknown;

  /**
   * The response, with the config byte for byte as it was sent. A version never changes, but its label and pin can.
   */
  static answer({ version, config }: WholeVersion, authorId: string, marks: VaultMarks): Answer<JsonText> {
    const fields = { ...VersionView.from(version, authorId, marks), description: version.description };
    const text = jsonWith(fields, 'config', config);
    return new Answer(text, { 'last-modified': httpDate(version.created_at) });
  }
}

/** The answer to a change by a token that may not read: which version it made, and nothing of the content. */
export class GraphReceiptView {
  @ApiProperty({ format: 'uuid', example: ID })
  id!: string;

  @ApiProperty({ format: 'uuid', example: ID })
  user_id!: string;

  @ApiProperty({ description: 'Grows by one with each change.', example: 3 })
  version!: number;

  @ApiProperty({ description: 'Length of the config as sent, bytes.', example: 20480 })
  config_bytes!: number;

  @ApiProperty({ description: 'SHA-256 of the config as sent.', example: SHA256 })
  config_sha256!: string;

  @ApiProperty({ format: 'date-time', example: TIME })
  created_at!: string;

  @ApiProperty({ format: 'date-time', example: TIME })
  updated_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  deleted_at!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'When a deleted graph will be removed permanently.',
  })
  purge_at!: string | null;

  @ApiProperty({ enum: BACKUP_STATUSES, example: 'pending' })
  backup_status!: BackupStatus;

  static of(graph: Graph, marks: VaultMarks): GraphReceiptView {
    return { id: graph.id, user_id: graph.userId, ...stateOf(graph, marks) };
  }
}

/** The source that fills a graph. */
export class GraphSourceView {
  @ApiProperty({ format: 'uuid', example: ID })
  id!: string;

  @ApiProperty({ example: 'node-red' })
  kind!: string;

  @ApiProperty({ description: "The tool's own id of the graph.", example: 'flows' })
  remote_id!: string;

  @ApiProperty({ enum: ['synced', 'drifted', 'gone', 'failed', 'ignored'], example: 'synced' })
  state!: string;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: 0,
    description: 'Secrets that somebody has typed into the document at the tool; null: not counted.',
  })
  secrets!: number | null;

  static from({ id, kind, remoteId, state, secrets }: GraphSource): GraphSourceView {
    return { id, kind, remote_id: remoteId, state, secrets };
  }
}

/** A graph. Lists contain `config` and `versions` only if requested. */
export class GraphView extends GraphReceiptView {
  @ApiProperty({ example: 'Order intake' })
  title!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Takes orders from the shop.' })
  description!: string | null;

  @ApiProperty({ enum: GRAPH_STATUSES, example: 'active' })
  status!: GraphStatus;

  @ApiPropertyOptional({
    type: GraphSourceView,
    description: 'The source that fills the graph, in answers to GET; missing without one.',
  })
  source?: GraphSourceView;

  @ApiPropertyOptional(CONFIG_SCHEMA)
  config?: unknown;

  @ApiPropertyOptional({ type: () => [VersionView] })
  versions?: VersionView[];

  /** The graph without its config. */
  static from(graph: Graph, marks: VaultMarks): GraphView {
    const { id, userId: user_id, title, description, status } = graph;
    const filled = graph.source && { source: GraphSourceView.from(graph.source) };
    return { id, user_id, title, description, status, ...stateOf(graph, marks), ...filled };
  }

  /** The response to a caller who may read: the config byte for byte as it was sent. */
  static answer(graph: Graph, marks: VaultMarks, headers: Readonly<Record<string, string>> = {}): Answer {
    return new Answer(GraphView.text(graph, marks), { ...stateHeaders(graph), ...headers });
  }

  /** The response to a change: the graph, or a receipt if the caller may not read. */
  static changed(
    graph: Graph,
    { marks, mayRead }: { marks: VaultMarks; mayRead: boolean },
    headers: Readonly<Record<string, string>> = {},
  ): Answer {
    if (mayRead) return GraphView.answer(graph, marks, headers);
    return new Answer(GraphReceiptView.of(graph, marks), { ...stateHeaders(graph), ...headers });
  }

  /** The JSON text of a graph, with its config if it is given. */
  static text(graph: Graph, marks: VaultMarks, more: object = {}): JsonText {
    const fields = Object.assign(GraphView.from(graph, marks), more);
    return graph.config
      ? jsonWith(fields, 'config', graph.config)
      : new JsonText(Buffer.from(JSON.stringify(fields)));
  }
}

function stateOf(graph: Graph, marks: VaultMarks): Omit<GraphReceiptView, 'id' | 'user_id'> {
  return {
    version: graph.version,
    config_bytes: graph.configBytes,
    config_sha256: graph.configSha256,
    created_at: toIso(graph.createdAt),
    updated_at: toIso(graph.updatedAt),
    deleted_at: toIsoOrNull(graph.deletedAt),
    purge_at: toIsoOrNull(graph.purgeAt),
    backup_status: backupStatus(graph.seq, marks),
  };
}

function stateHeaders({ version, configSha256, updatedAt }: Graph): Record<string, string> {
  return { etag: graphEtag(version, configSha256), 'last-modified': httpDate(updatedAt) };
}

/** A time in the format of HTTP headers: whole seconds, GMT. */
function httpDate(ms: number): string {
  return new Date(ms).toUTCString();
}
