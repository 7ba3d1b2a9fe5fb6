import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  Min,
} from 'class-validator';
import { IsInstant, IsOptionalNotNull, IsText, IsVisibleText } from '../../platform/http/text.decorators';
import { GRAPH_STATUSES, type GraphStatus } from '../domain/graph-status';

export const TITLE_MAX = 200;
export const DESCRIPTION_MAX = 10_000;

/** A small flow. */
export const CONFIG_EXAMPLE = {
  nodes: [
    { id: 'in', type: 'webhook', position: { x: 0, y: 0 }, data: { path: '/orders' } },
    { id: 'out', type: 'mail', position: { x: 240, y: 0 }, data: { to: 'desk' } },
  ],
  edges: [{ source: 'in', target: 'out' }],
};

/** The OpenAPI schema of `config`: any JSON object or array. */
export const CONFIG_SCHEMA = {
  description:
    'The workflow graph: a JSON object or array. Stored and returned byte for byte, from its first bracket to its last. White space around it belongs to the body.',
  oneOf: [
    { type: 'object', additionalProperties: true },
    { type: 'array', items: {} },
  ],
  example: CONFIG_EXAMPLE,
};

const OPENS_OBJECT = '{'.charCodeAt(0);
const OPENS_ARRAY = '['.charCodeAt(0);

class GraphFields {
  /** Kept as bytes, not validated and not copied; see InputPipe. */
  static readonly rawMember = 'config';

  static rawFault(bytes: Buffer): string | undefined {
    return bytes[0] === OPENS_OBJECT || bytes[0] === OPENS_ARRAY
      ? undefined
      : 'must be a JSON object or array';
  }

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: DESCRIPTION_MAX,
    example: 'Takes orders from the shop.',
  })
  @IsOptional()
  @IsText(0, DESCRIPTION_MAX)
  description?: string | null;

  @ApiPropertyOptional({ enum: GRAPH_STATUSES, example: 'active' })
  @IsOptionalNotNull()
  @IsIn(GRAPH_STATUSES)
  status?: GraphStatus;

  @ApiPropertyOptional(CONFIG_SCHEMA)
  config?: Buffer;
}

/** A new graph. */
export class CreateGraphBody extends GraphFields {
  @ApiProperty({ minLength: 1, maxLength: TITLE_MAX, example: 'Order intake' })
  @IsVisibleText(TITLE_MAX)
  title!: string;
}

/** A change; fields that are not sent stay as they are. */
export class UpdateGraphBody extends GraphFields {
  @ApiPropertyOptional({ minLength: 1, maxLength: TITLE_MAX, example: 'Order intake' })
  @IsOptionalNotNull()
  @IsVisibleText(TITLE_MAX)
  title?: string;
}

/** How many nodes one request names at most. */
const NODES_MAX = 10_000;

/** Which edges come back with nodes. */
const EDGES = ['between'] as const;

/** What to restore: exactly one of version and time, and of a version some nodes or all of it. */
export class RestoreBody {
  @ApiPropertyOptional({
    minimum: 1,
    description: 'Restore this version. Send either `version` or `at`.',
    example: 1,
  })
  @IsOptionalNotNull()
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  version?: number;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Restore the state at this time. Send either `version` or `at`.',
  })
  @IsOptionalNotNull()
  @IsInstant()
  at?: string;

  @ApiPropertyOptional({
    type: [String],
    minItems: 1,
    maxItems: NODES_MAX,
    description:
      'Restore only these nodes of `version` into the present config. Ids as the diff and the pictures show them for that version.',
    example: ['in', 'out'],
  })
  @IsOptionalNotNull()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(NODES_MAX)
  @IsString({ each: true })
  nodes?: string[];

  @ApiPropertyOptional({
    enum: EDGES,
    description:
      'With `nodes`: the edges between them and to nodes that exist come back. This is the default.',
  })
  @IsOptionalNotNull()
  @IsIn(EDGES)
  edges?: (typeof EDGES)[number];
}

/** The version whose changes are taken back. */
export class RevertBody {
  @ApiProperty({ minimum: 2, description: 'Take back what this version changed.', example: 2 })
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  version!: number;
}

export const LABEL_MAX = 100;

/** Marks that protect a version from pruning; fields that are not sent stay as they are. */
export class MarkVersionBody {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    minLength: 1,
    maxLength: LABEL_MAX,
    example: 'before the move',
  })
  @IsOptional()
  @IsVisibleText(LABEL_MAX)
  label?: string | null;

  @ApiPropertyOptional({ example: true })
  @IsOptionalNotNull()
  @IsBoolean()
  pinned?: boolean;
}
