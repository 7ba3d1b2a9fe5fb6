import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, Max, Min } from 'class-validator';
import { VERSION_MAX } from '../../platform/http/pagination';
import { IsQueryInteger } from '../../platform/http/query.decorators';
import { IsOptionalNotNull } from '../../platform/http/text.decorators';
import { uuidText } from '../../platform/ids/uuid';
import type { PushWarning } from '../connectors/connector';
import { SOURCE_KINDS, kindName, type SourceKind } from '../domain/source-kind';
import type { SourceRow } from '../domain/source.entity';
import type { PlannedPush, PushOutcome, PushRequest } from '../push.service';

const IF_DRIFTED = ['refuse', 'overwrite'] as const;
const ID = '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11';

/** `GET /graphs/{id}/push` */
export class PushQuery {
  @ApiPropertyOptional({ minimum: 1, description: 'The version; without it the present one.' })
  @IsOptionalNotNull()
  @IsQueryInteger(1, VERSION_MAX)
  version?: number;
}

/** A push. */
export class PushBody {
  @ApiProperty({ type: 'integer', minimum: 1, example: 3, description: 'The version to push.' })
  @IsInt()
  @Min(1)
  @Max(VERSION_MAX)
  version!: number;

  @ApiPropertyOptional({
    enum: IF_DRIFTED,
    default: 'refuse',
    description:
      'What happens if the graph was changed at the tool since it was read last. That state is stored here in both cases.',
  })
  @IsOptionalNotNull()
  @IsIn(IF_DRIFTED)
  if_drifted: (typeof IF_DRIFTED)[number] = 'refuse';

  @ApiPropertyOptional({
    example: true,
    description:
      'For tools with drafts: whether the pushed state runs at once. Without it, as the tool does by itself.',
  })
  @IsOptionalNotNull()
  @IsBoolean()
  publish?: boolean;
}

/** The request that a body describes. */
export function pushRequest({ version, if_drifted, publish }: PushBody): PushRequest {
  return { version, ifDrifted: if_drifted, publish };
}

/** The source that a graph comes from. */
export class PushSourceView {
  @ApiProperty({ format: 'uuid', example: ID })
  id!: string;

  @ApiProperty({ enum: SOURCE_KINDS, example: 'node-red' })
  kind!: SourceKind;

  @ApiProperty({ example: 'Node-RED in the hall' })
  name!: string;

  static from(row: SourceRow): PushSourceView {
    return { id: uuidText(row.id), kind: kindName(row.kind), name: row.name };
  }
}

/** Something to look at before or after a push. */
export class PushWarningView {
  @ApiProperty({ example: 'credentials-lost' })
  code!: string;

  @ApiProperty({ example: 'Node-RED has no credentials for 1 node any more; enter them again.' })
  message!: string;

  static from({ code, message }: PushWarning): PushWarningView {
    return { code, message };
  }
}

/** What a push would do. */
export class PushPlanView {
  @ApiProperty({ type: PushSourceView })
  source!: PushSourceView;

  @ApiProperty({ example: 'flows' })
  remote_id!: string;

  @ApiProperty({ type: 'integer', example: 3 })
  version!: number;

  @ApiProperty({ enum: ['update', 'create'], example: 'update' })
  action!: 'update' | 'create';

  @ApiProperty({
    example: false,
    description: 'Whether the graph was changed at the tool since it was read last.',
  })
  drifted!: boolean;

  @ApiProperty({ type: [PushWarningView] })
  warnings!: PushWarningView[];

  static from({ target, action, drifted, warnings }: PlannedPush): PushPlanView {
    const source = PushSourceView.from(target.source);
    const shown = warnings.map((warning) => PushWarningView.from(warning));
    return {
      source,
      remote_id: target.item.remote_id,
      version: target.version,
      action,
      drifted,
      warnings: shown,
    };
  }
}

/** What a push has done. */
export class PushView {
  @ApiProperty({ type: PushSourceView })
  source!: PushSourceView;

  @ApiProperty({ example: 'flows' })
  remote_id!: string;

  @ApiProperty({ type: 'integer', example: 3 })
  version!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '9a2326754532de10',
    description: "The tool's own revision.",
  })
  revision!: string | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: 2,
    description:
      'The version here that holds what the tool had before the push; pushing it takes the push back. Null if the tool had nothing.',
  })
  previous_version!: number | null;

  @ApiProperty({ type: [PushWarningView] })
  warnings!: PushWarningView[];

  static from({ target, remoteId, revision, previous, warnings }: PushOutcome): PushView {
    const source = PushSourceView.from(target.source);
    const shown = warnings.map((warning) => PushWarningView.from(warning));
    return {
      source,
      remote_id: remoteId,
      version: target.version,
      revision,
      previous_version: previous,
      warnings: shown,
    };
  }
}
