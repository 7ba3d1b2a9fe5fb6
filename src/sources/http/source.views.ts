import { ApiProperty } from '@nestjs/swagger';
import { toIso, toIsoOrNull } from '../../platform/clock/instant';
import { uuidText } from '../../platform/ids/uuid';
import type { FailedItem } from '../domain/pass-counts';
import { SOURCE_KINDS, kindName, type SourceKind } from '../domain/source-kind';
import { RUN_STATUSES, type SourceRunRow, type SourceRunStatus } from '../domain/source-run.entity';
import {
  ITEM_STATES,
  SOURCE_STATUSES,
  itemState,
  sourceStatus,
  type ItemState,
  type ItemWithGraph,
  type SourceStatus,
} from '../domain/source-state';
import type { SourceRow } from '../domain/source.entity';
import type { SourceCheck } from '../source-check.service';
import { optionsOf } from '../sources.service';

const ID = '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11';
const TIME = '2026-11-23T09:15:00.000Z';
const When = (description: string) =>
  ApiProperty({ type: String, format: 'date-time', nullable: true, example: TIME, description });

/** What a source holds. */
export class SourceCountsView {
  @ApiProperty({ type: 'integer', example: 12, description: 'Graphs at the tool.' })
  items!: number;

  @ApiProperty({ type: 'integer', example: 1, description: 'Graphs that the last run created or changed.' })
  changed!: number;

  @ApiProperty({ type: 'integer', example: 0, description: 'Graphs that are gone at the tool.' })
  gone!: number;

  @ApiProperty({
    type: 'integer',
    example: 0,
    description:
      'Graphs whose documents contain secrets that somebody has typed in, as far as they look like secrets.',
  })
  with_secrets!: number;
}

/** A source. Its credentials are never returned. */
export class SourceView {
  @ApiProperty({ format: 'uuid', example: ID })
  id!: string;

  @ApiProperty({ enum: SOURCE_KINDS, example: 'node-red' })
  kind!: SourceKind;

  @ApiProperty({ example: 'Node-RED in the hall' })
  name!: string;

  @ApiProperty({ example: 'https://flows.example.org' })
  url!: string;

  @ApiProperty({ enum: SOURCE_STATUSES, example: 'ok' })
  status!: SourceStatus;

  @ApiProperty({ example: true, description: 'False: paused.' })
  enabled!: boolean;

  @ApiProperty({ type: 'integer', example: 5 })
  every_minutes!: number;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { on_gone: 'keep' } })
  options!: Record<string, unknown>;

  @ApiProperty({ example: true })
  has_credentials!: boolean;

  @When('When the last run began.')
  last_attempt_at!: string | null;

  @When('When the last run ended that read all graphs.')
  last_success_at!: string | null;

  @When('When the next run is due; null for a paused source.')
  next_attempt_at!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why the last run failed.' })
  failure!: string | null;

  @ApiProperty({ type: SourceCountsView })
  counts!: SourceCountsView;

  @ApiProperty({ format: 'date-time', example: TIME })
  created_at!: string;

  static from(row: SourceRow): SourceView {
    const { items, changed, gone, with_secrets } = row;
    return {
      id: uuidText(row.id),
      kind: kindName(row.kind),
      name: row.name,
      url: row.url,
      status: sourceStatus(row),
      enabled: row.enabled === 1,
      every_minutes: row.every_minutes,
      options: optionsOf(row),
      has_credentials: row.credentials.length > 0,
      last_attempt_at: toIsoOrNull(row.last_attempt_at),
      last_success_at: toIsoOrNull(row.last_success_at),
      next_attempt_at: toIsoOrNull(row.next_attempt_at),
      failure: row.failure,
      counts: { items, changed, gone, with_secrets },
      created_at: toIso(row.created_at),
    };
  }
}

/** A hook token. It is shown once. */
export class HookTokenView {
  @ApiProperty({
    example: 'gosh_AAAAAAAB…',
    description: 'The token for `POST /hooks/sources/{id}`. It is in this answer and nowhere else.',
  })
  hook_token!: string;
}

/** A source that was created just now. */
export class NewSourceView extends SourceView {
  @ApiProperty({
    example: 'gosh_AAAAAAAB…',
    description: 'The token for `POST /hooks/sources/{id}`. It is in this answer and nowhere else.',
  })
  hook_token!: string;
}

/** A run that was requested. */
export class RequestedRunView {
  @ApiProperty({ format: 'date-time', example: TIME, description: 'When the run is due.' })
  due_at!: string;

  static at(dueAt: number): RequestedRunView {
    return { due_at: toIso(dueAt) };
  }
}

/** A graph that a check has found. */
export class FoundItemView {
  @ApiProperty({ example: 'flows' })
  remote_id!: string;

  @ApiProperty({ example: 'Order intake' })
  title!: string;
}

/** The result of a check. */
export class SourceCheckView {
  @ApiProperty({ example: true })
  ok!: boolean;

  @ApiProperty({ type: String, nullable: true, example: '4.1.15' })
  tool_version!: string | null;

  @ApiProperty({ type: [FoundItemView], description: 'The first graphs of the tool, at most 200.' })
  items!: FoundItemView[];

  @ApiProperty({ type: [String], example: [] })
  problems!: string[];

  static from({ ok, toolVersion, items, problems }: SourceCheck): SourceCheckView {
    const shown = items.map(({ remoteId, title }) => ({ remote_id: remoteId, title }));
    return { ok, tool_version: toolVersion, items: shown, problems };
  }
}

/** A graph that a run could not read or store. */
export class FailedItemView {
  @ApiProperty({ example: 'flows' })
  remote_id!: string;

  @ApiProperty({ example: 'Order intake' })
  title!: string;

  @ApiProperty({ example: 'The document has 20000000 bytes; at most 16777216 are allowed (MAX_BODY_BYTES).' })
  reason!: string;
}

const Count = (description: string, example = 0) => ApiProperty({ type: 'integer', example, description });

/** One run of a source. */
export class SourceRunView {
  @ApiProperty({ type: 'integer', example: 7 })
  number!: number;

  @ApiProperty({ enum: RUN_STATUSES, example: 'done' })
  status!: SourceRunStatus;

  @ApiProperty({ format: 'date-time', example: TIME })
  started_at!: string;

  @When('When it ended.')
  finished_at!: string | null;

  @Count('Graphs that the tool listed.', 12)
  seen!: number;

  @Count('Graphs that were created here.')
  created!: number;

  @Count('Graphs that got a new version.', 1)
  changed!: number;

  @Count('Graphs without a change.', 11)
  unchanged!: number;

  @Count('Graphs that are called gone since this run.')
  gone!: number;

  @Count('Graphs that could not be read or stored.')
  failed!: number;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why the run failed.' })
  failure!: string | null;

  @ApiProperty({ type: [FailedItemView], description: 'The first graphs that failed, at most 20.' })
  failed_items!: FailedItemView[];

  static from(row: SourceRunRow): SourceRunView {
    const { number, seen, created, changed, unchanged, gone, failed, failure } = row;
    return {
      number,
      status: RUN_STATUSES[row.status]!,
      started_at: toIso(row.started_at),
      finished_at: toIsoOrNull(row.finished_at),
      ...{ seen, created, changed, unchanged, gone, failed, failure },
      failed_items: row.failed_items === null ? [] : (JSON.parse(row.failed_items) as FailedItem[]),
    };
  }
}

/** A graph of a source. */
export class SourceItemView {
  @ApiProperty({ example: 'flows' })
  remote_id!: string;

  @ApiProperty({ example: 'Order intake' })
  title!: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, example: ID })
  graph_id!: string | null;

  @ApiProperty({
    enum: ITEM_STATES,
    example: 'synced',
    description:
      '`drifted`: the graph was edited here; `gone`: two runs did not find it at the tool; `failed`: see `failure`; `ignored`: the graph here is in the trash or was purged.',
  })
  state!: ItemState;

  @When('When the tool says that it was changed.')
  remote_changed_at!: string | null;

  @When('Since when it is gone at the tool.')
  gone_since!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Why it could not be read or stored.',
  })
  failure!: string | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: 0,
    description:
      'Secrets that somebody has typed into the document, as far as they look like secrets; null: not counted.',
  })
  secrets!: number | null;

  static from(row: ItemWithGraph): SourceItemView {
    return {
      remote_id: row.remote_id,
      title: row.title,
      graph_id: row.graph_id && uuidText(row.graph_id),
      state: itemState(row),
      remote_changed_at: toIsoOrNull(row.remote_changed_at),
      gone_since: toIsoOrNull(row.gone_since),
      failure: row.failure,
      secrets: row.secrets,
    };
  }
}
