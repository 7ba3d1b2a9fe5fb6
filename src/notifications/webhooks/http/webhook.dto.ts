import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsUUID } from 'class-validator';
import { IsOptionalNotNull, IsText, IsVisibleText } from '../../../platform/http/text.decorators';
import { WEBHOOK_EVENTS } from '../domain/event-types';
import { WEBHOOK_FORMATS, type WebhookFormat } from '../domain/webhook-format';
import type { NewWebhook, WebhookChange } from '../webhooks.service';

const NAME_MAX = 200;
const URL_MAX = 2_000;
const GRAPHS_MAX = 200;
const ID = '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11';

const NAME = { maxLength: NAME_MAX, example: 'Team chat' };
const ADDRESS = {
  maxLength: URL_MAX,
  example: 'https://hooks.example.org/graphs',
  description: 'Where messages are sent to. It is encrypted at rest, because addresses of chats are secrets.',
};
const EVENTS = {
  enum: WEBHOOK_EVENTS,
  isArray: true,
  minItems: 1,
  example: ['graph.updated', 'graph.deleted'],
  description:
    'Types of events. `backup.stale`, `verification.failed`, `retention.stopped`, `storage.low` and `seals.broken` are about the whole installation and for operators, who also get `source.failing` of all sources.',
};
const GRAPH_IDS = {
  type: 'array',
  items: { type: 'string', format: 'uuid' },
  maxItems: GRAPHS_MAX,
  example: [ID] as string[],
  description:
    'Only events of these graphs; empty or left out: of all graphs. Other events are not filtered.',
} as const;
const FORMAT = {
  enum: WEBHOOK_FORMATS,
  default: 'standard',
  example: 'standard',
  description:
    '`standard`: JSON for programs. `slack`, `discord` and `ntfy`: a message for people, with the text of the difference.',
};

/** A new webhook. */
export class CreateWebhookBody {
  @ApiProperty(ADDRESS)
  @IsText(1, URL_MAX)
  url!: string;

  @ApiProperty(EVENTS)
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(WEBHOOK_EVENTS, { each: true })
  events!: string[];

  @ApiPropertyOptional({ ...NAME, description: 'Defaults to the host of the address.' })
  @IsOptionalNotNull()
  @IsVisibleText(NAME_MAX)
  name?: string;

  @ApiPropertyOptional(FORMAT)
  @IsOptionalNotNull()
  @IsIn(WEBHOOK_FORMATS)
  format: WebhookFormat = 'standard';

  @ApiPropertyOptional(GRAPH_IDS)
  @IsOptionalNotNull()
  @IsArray()
  @ArrayMaxSize(GRAPHS_MAX)
  @ArrayUnique()
  @IsUUID('all', { each: true })
  graph_ids: string[] = [];
}

/** A change; fields that are not sent stay as they are. */
export class UpdateWebhookBody {
  @ApiPropertyOptional(ADDRESS)
  @IsOptionalNotNull()
  @IsText(1, URL_MAX)
  url?: string;

  @ApiPropertyOptional(EVENTS)
  @IsOptionalNotNull()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(WEBHOOK_EVENTS, { each: true })
  events?: string[];

  @ApiPropertyOptional(NAME)
  @IsOptionalNotNull()
  @IsVisibleText(NAME_MAX)
  name?: string;

  @ApiPropertyOptional({ ...FORMAT, default: undefined })
  @IsOptionalNotNull()
  @IsIn(WEBHOOK_FORMATS)
  format?: WebhookFormat;

  @ApiPropertyOptional(GRAPH_IDS)
  @IsOptionalNotNull()
  @IsArray()
  @ArrayMaxSize(GRAPHS_MAX)
  @ArrayUnique()
  @IsUUID('all', { each: true })
  graph_ids?: string[];

  @ApiPropertyOptional({
    example: true,
    description: 'False pauses the webhook. True resumes it, also one that the service has disabled.',
  })
  @IsOptionalNotNull()
  @IsBoolean()
  enabled?: boolean;

  @ApiPropertyOptional({
    example: false,
    description: 'True: events from before this change are not sent any more. By default none is left out.',
  })
  @IsOptionalNotNull()
  @IsBoolean()
  skip_missed?: boolean;
}

/** The webhook that a body describes. */
export function givenWebhook({ url, events, name, format, graph_ids }: CreateWebhookBody): NewWebhook {
  return { url, events, format, graphIds: graph_ids, name: name ?? hostOf(url) };
}

/** The change that a body describes: only the fields that were sent. */
export function givenChange(body: UpdateWebhookBody): WebhookChange {
  const { graph_ids: graphIds, skip_missed: skipMissed, ...same } = body;
  const change = { ...same, graphIds, skipMissed };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

/** An address that is none is refused later. */
function hostOf(url: string): string {
  return (URL.canParse(url) && new URL(url).host) || 'Webhook';
}
