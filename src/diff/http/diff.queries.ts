import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { VERSION_MAX } from '../../platform/http/pagination';
import { IsQueryInteger } from '../../platform/http/query.decorators';
import { IsOptionalNotNull } from '../../platform/http/text.decorators';

/** A version's number in a query. */
function IsVersion(): PropertyDecorator {
  return applyDecorators(IsOptionalNotNull(), IsQueryInteger(1, VERSION_MAX));
}

/** `GET /graphs/{id}/diff` and `diff.svg` */
export class DiffQuery {
  @ApiPropertyOptional({
    minimum: 1,
    description: 'The version before; without it the one before `to`.',
    example: 1,
  })
  @IsVersion()
  from?: number;

  @ApiPropertyOptional({
    minimum: 1,
    description: 'The version after; without it the present one.',
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

/** `GET /graphs/{id}/picture.svg` */
export class PictureQuery {
  @ApiPropertyOptional({ minimum: 1, description: 'The version; without it the present one.', example: 1 })
  @IsVersion()
  version?: number;
}
