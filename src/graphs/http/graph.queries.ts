import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, registerDecorator } from 'class-validator';
import { parseInstant } from '../../platform/clock/instant';
import { PageQuery } from '../../platform/http/pagination';
import { IsInstant, IsText, IsOptionalNotNull } from '../../platform/http/text.decorators';
import { isUuid } from '../../platform/ids/uuid';
import { BACKUP_STATUSES, type BackupStatus } from '../../versions/versions.service';
import {
  DELETED_FILTERS,
  GRAPH_SORTS,
  NO_SOURCE,
  type DeletedFilter,
  type GraphSort,
} from '../domain/graph-list';
import { GRAPH_STATUSES, type GraphStatus } from '../domain/graph-status';
import { TITLE_MAX } from './graph.dto';

/** What a list can include in addition. */
export const INCLUDES = ['config', 'versions'] as const;
export type Include = (typeof INCLUDES)[number];

/** A comma-separated list of words from `known`. */
function IsListOf(known: readonly string[]): PropertyDecorator {
  return (target: object, property: string | symbol) =>
    registerDecorator({
      name: 'isListOf',
      target: target.constructor,
      propertyName: property as string,
      validator: {
        validate: (value: unknown) =>
          typeof value === 'string' && value.split(',').every((word) => known.includes(word)),
        defaultMessage: () => `must be a comma-separated list of: ${known.join(', ')}`,
      },
    });
}

/** The id of a source, or `none`. */
function IsSource(): PropertyDecorator {
  return (target: object, property: string | symbol) =>
    registerDecorator({
      name: 'isSource',
      target: target.constructor,
      propertyName: property as string,
      validator: {
        validate: (value: unknown) => typeof value === 'string' && (value === NO_SOURCE || isUuid(value)),
        defaultMessage: () => `must be the id of a source, or ${NO_SOURCE}`,
      },
    });
}

/** `GET /graphs/{id}` */
export class GraphAtQuery {
  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Return the state at this time, such as `2026-11-23T09:15:00.000Z`.',
  })
  @IsOptionalNotNull()
  @IsInstant()
  at?: string;

  get time(): number | null {
    return this.at === undefined ? null : parseInstant(this.at);
  }
}

/** `GET /graphs` */
export class ListGraphsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: GRAPH_STATUSES })
  @IsOptionalNotNull()
  @IsIn(GRAPH_STATUSES)
  status?: GraphStatus;

  @ApiPropertyOptional({
    enum: BACKUP_STATUSES,
    description:
      'Only graphs whose newest change is not yet copied, copied but not yet verified, or verified. A graph can leave the list between two pages, because copies go on.',
  })
  @IsOptionalNotNull()
  @IsIn(BACKUP_STATUSES)
  backup_status?: BackupStatus;

  @ApiPropertyOptional({
    description:
      'Only graphs that the source with this id fills; `none`: graphs that no source fills. A removed source fills none.',
    example: NO_SOURCE,
  })
  @IsOptionalNotNull()
  @IsSource()
  source?: string;

  @ApiPropertyOptional({ description: 'Only graphs whose title contains this text; case-insensitive.' })
  @IsOptionalNotNull()
  @IsText(1, TITLE_MAX)
  q?: string;

  @ApiPropertyOptional({ enum: DELETED_FILTERS, default: 'exclude' })
  @IsIn(DELETED_FILTERS)
  deleted: DeletedFilter = 'exclude';

  @ApiPropertyOptional({ enum: GRAPH_SORTS, default: '-created_at' })
  @IsIn(GRAPH_SORTS)
  sort: GraphSort = '-created_at';

  @ApiPropertyOptional({ description: 'Comma separated: `config`, `versions`.' })
  @IsOptionalNotNull()
  @IsListOf(INCLUDES)
  include?: string;

  /** Whether the list includes this too. */
  includes(what: Include): boolean {
    return this.include?.split(',').includes(what) ?? false;
  }
}

/** What a list of versions can include in addition. */
const VERSION_INCLUDES = ['author'] as const;

/** `GET /graphs/{id}/versions` */
export class ListVersionsQuery extends PageQuery {
  @ApiPropertyOptional({
    enum: VERSION_INCLUDES,
    description: '`author`: who wrote each version, from the audit log.',
  })
  @IsOptionalNotNull()
  @IsIn(VERSION_INCLUDES)
  include?: (typeof VERSION_INCLUDES)[number];
}

const DRY_RUN = ['true', 'false'] as const;

/** `POST /graphs/{id}/restore` and `revert` */
export class DryRunQuery {
  @ApiPropertyOptional({
    enum: DRY_RUN,
    default: 'false',
    description: 'Answer with the difference that it would make. Nothing is written.',
  })
  @IsIn(DRY_RUN)
  dry_run: (typeof DRY_RUN)[number] = 'false';
}
