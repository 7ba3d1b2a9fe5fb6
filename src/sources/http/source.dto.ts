import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsObject, IsOptional, Max, Min } from 'class-validator';
import { IsOptionalNotNull, IsText, IsVisibleText } from '../../platform/http/text.decorators';
import { SOURCE_KINDS, type SourceKind } from '../domain/source-kind';
import type { GivenConnection, GivenFields, NewSource, SourceChange } from '../source-inputs';

const NAME_MAX = 200;
const URL_MAX = 2_000;
const EVERY_MINUTES_MAX = 10_080;
const EVERY_MINUTES = 5;

const KIND = { enum: SOURCE_KINDS, example: 'node-red', description: 'The kind of tool.' };
const ADDRESS = {
  example: 'https://flows.example.org',
  maxLength: URL_MAX,
  description: 'The address of the tool; for a folder its path.',
};
const OPTIONS = {
  type: 'object',
  additionalProperties: true,
  example: { verify_tls: true, on_gone: 'keep' },
  description: 'Options of the kind; docs/sources.md lists them.',
} as const;
const CREDENTIALS = {
  type: 'object',
  additionalProperties: { type: 'string' },
  nullable: true,
  example: { username: 'backup', password: '…' },
  description: 'Credentials of the kind; docs/sources.md lists them. They are encrypted and never returned.',
} as const;
const MINUTES = {
  type: 'integer',
  minimum: 1,
  maximum: EVERY_MINUTES_MAX,
  default: EVERY_MINUTES,
  example: EVERY_MINUTES,
  description: 'Minutes between two runs.',
} as const;

/** A connection that is tried out. */
export class CheckSourceBody {
  @ApiProperty(KIND)
  @IsIn(SOURCE_KINDS)
  kind!: SourceKind;

  @ApiProperty(ADDRESS)
  @IsText(1, URL_MAX)
  url!: string;

  @ApiPropertyOptional(CREDENTIALS)
  @IsOptional()
  @IsObject()
  credentials?: GivenFields | null;

  @ApiPropertyOptional({ ...OPTIONS, nullable: true })
  @IsOptional()
  @IsObject()
  options?: GivenFields | null;
}

/** A new source. */
export class CreateSourceBody extends CheckSourceBody {
  @ApiProperty({ maxLength: NAME_MAX, example: 'Node-RED in the hall' })
  @IsVisibleText(NAME_MAX)
  name!: string;

  @ApiPropertyOptional(MINUTES)
  @IsOptionalNotNull()
  @IsInt()
  @Min(1)
  @Max(EVERY_MINUTES_MAX)
  every_minutes: number = EVERY_MINUTES;
}

/** A change; fields that are not sent stay as they are. */
export class UpdateSourceBody {
  @ApiPropertyOptional({ maxLength: NAME_MAX, example: 'Node-RED in the hall' })
  @IsOptionalNotNull()
  @IsVisibleText(NAME_MAX)
  name?: string;

  @ApiPropertyOptional(ADDRESS)
  @IsOptionalNotNull()
  @IsText(1, URL_MAX)
  url?: string;

  @ApiPropertyOptional({ example: true, description: 'False pauses the source.' })
  @IsOptionalNotNull()
  @IsBoolean()
  enabled?: boolean;

  @ApiPropertyOptional({ ...MINUTES, default: undefined })
  @IsOptionalNotNull()
  @IsInt()
  @Min(1)
  @Max(EVERY_MINUTES_MAX)
  every_minutes?: number;

  @ApiPropertyOptional({ ...OPTIONS, description: 'Replaces all options.' })
  @IsOptionalNotNull()
  @IsObject()
  options?: GivenFields;

  @ApiPropertyOptional({ ...CREDENTIALS, description: 'Replaces the credentials; null removes them.' })
  @IsOptional()
  @IsObject()
  credentials?: GivenFields | null;
}

/** The connection that a body describes. */
export function givenConnection(body: CheckSourceBody): GivenConnection {
  const { kind, url, options, credentials } = body;
  return { kind, url, options: options ?? {}, credentials: credentials ?? {} };
}

/** The source that a body describes. */
export function givenSource(body: CreateSourceBody): NewSource {
  return { ...givenConnection(body), name: body.name, everyMinutes: body.every_minutes };
}

/** The change that a body describes. */
export function givenChange(body: UpdateSourceBody): SourceChange {
  const { name, url, enabled, every_minutes, options, credentials } = body;
  const given = { name, url, enabled, everyMinutes: every_minutes, options };
  return { ...given, credentials: credentials === null ? {} : credentials };
}
