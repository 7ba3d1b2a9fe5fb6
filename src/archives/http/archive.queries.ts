import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';

const ACCOUNT_FORMATS = ['zip'] as const;
const GRAPH_FORMATS = ['zip', 'git', 'json'] as const;

/** `GET /export` */
export class AccountExportQuery {
  @ApiPropertyOptional({ enum: ACCOUNT_FORMATS, default: 'zip' })
  @IsIn(ACCOUNT_FORMATS)
  format: (typeof ACCOUNT_FORMATS)[number] = 'zip';
}

/** `GET /graphs/{id}/export` */
export class GraphExportQuery {
  @ApiPropertyOptional({
    enum: GRAPH_FORMATS,
    default: 'zip',
    description:
      '`zip`: every version as a file, with manifests. `git`: a stream for `git fast-import`, one commit for each version. `json`: the present config alone.',
  })
  @IsIn(GRAPH_FORMATS)
  format: (typeof GRAPH_FORMATS)[number] = 'zip';
}

const FLAG = ['true', 'false'] as const;

/** `POST /import` */
export class ImportQuery {
  @ApiPropertyOptional({
    enum: FLAG,
    default: 'false',
    description: 'Say what would be imported, and write nothing.',
  })
  @IsIn(FLAG)
  dry_run: (typeof FLAG)[number] = 'false';
}
