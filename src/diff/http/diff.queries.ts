import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString } from 'class-validator';
import { VERSION_MAX } from '../../platform/http/pagination';
import { IsQueryInteger } from '../../platform/http/query.decorators';
import { IsOptionalNotNull } from '../../platform/http/text.decorators';

/** A version's number in a query. */
function IsVersion(): PropertyDecorator {
  return applyDecorators(IsOptionalNotNull(), IsQueryInteger(1, VERSION_MAX));
}

/** `GET /graphs/{id}/diff/summary`, and part of the queries of `diff` and `diff.svg` */
export class DiffQuery {
  @ApiPropertyOptional({
    minimum: 1,
    description: 'The older version; by default the one before `to`.',
    example: 1,
  })
  @IsVersion()
  from?: number;

  @ApiPropertyOptional({
    minimum: 1,
    description: 'The newer version; by default the newest one.',
    example: 2,
  })
  @IsVersion()
  to?: number;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'Compare with another graph of yours: `to` is a version of that one then.',
  })
  @IsOptionalNotNull()
  @IsString()
  with?: string;
}

const FORMATS = ['json', 'text', 'markdown'] as const;
const REVEAL = ['true', 'false'] as const;
const INCLUDED = ['before'] as const;

/** `GET /graphs/{id}/diff` */
export class DiffFormatQuery extends DiffQuery {
  @ApiPropertyOptional({
    enum: FORMATS,
    default: 'json',
    description: '`text` and `markdown` describe the difference for people, for chat and mail.',
  })
  @IsIn(FORMATS)
  format: (typeof FORMATS)[number] = 'json';

  @ApiPropertyOptional({
    enum: REVEAL,
    default: 'false',
    description:
      'Show values under keys such as `password`, `token`, `authorization` and `apiKey` in a text. They are masked by default.',
  })
  @IsIn(REVEAL)
  reveal: (typeof REVEAL)[number] = 'false';

  @ApiPropertyOptional({
    enum: INCLUDED,
    description: '`before`: each changed node as it was, to show old values. Only with the format `json`.',
  })
  @IsOptionalNotNull()
  @IsIn(INCLUDED)
  include?: (typeof INCLUDED)[number];
}

const LEGEND = ['true', 'false'] as const;

/** `GET /graphs/{id}/diff.svg` */
export class DiffPictureQuery extends DiffQuery {
  @ApiPropertyOptional({ enum: LEGEND, default: 'true', description: 'False: only the drawing.' })
  @IsIn(LEGEND)
  legend: (typeof LEGEND)[number] = 'true';
}

/** `GET /graphs/{id}/picture.svg` */
export class PictureQuery {
  @ApiPropertyOptional({ enum: LEGEND, default: 'true', description: 'False: only the drawing.' })
  @IsIn(LEGEND)
  legend: (typeof LEGEND)[number] = 'true';

  @ApiPropertyOptional({ minimum: 1, description: 'The version; by default the newest one.', example: 1 })
  @IsVersion()
  version?: number;
}
