import { Controller, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Allow, CurrentUser } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { AppConfig } from '../../platform/config/app-config';
import { invalid } from '../../platform/errors/app-error';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { connectionLost } from '../../platform/http/body-reader';
import { UnreadBody } from '../../platform/http/unread-body';
import { UnreadFile } from '../../platform/http/unread-file';
import type { ImportOptions } from '../archive-import';
import type { ImportEntry } from '../import-report';
import { ImportService } from '../import.service';
import { ImportQuery } from './archive.queries';
import { ImportView } from './import.views';

@ApiTags('Import')
@Controller('import')
export class ImportController {
  constructor(
    private readonly imports: ImportService,
    private readonly config: AppConfig,
  ) {}

  @Post()
  @HttpCode(200)
  @Allow(Permission.GraphsRetention)
  @ApiOperation({
    summary: 'Import an archive of an export, workflow files, or one workflow',
    description:
      'Nothing is overwritten, so an import can be repeated: graphs whose versions are all here are skipped, and an interrupted import continues. Versions keep their times and get the change `imported`. Needs a session, because an archive of an account brings its policies.',
    operationId: 'import',
    requestBody: {
      required: true,
      description:
        'A zip archive (`GET /export`, or any `.json` files), a workflow, or a list of workflows as n8n exports them.',
      content: {
        'application/zip': { schema: { type: 'string', format: 'binary' } },
        'application/json': {
          schema: {
            oneOf: [
              { type: 'object', additionalProperties: true },
              { type: 'array', items: {} },
            ],
          },
          example: { name: 'Order intake', nodes: [{ name: 'Webhook' }], connections: {} },
        },
      },
    },
  })
  @ApiOkResponse({ type: ImportView })
  @ApiProblems(400, 413, 415, 422, 429, 503)
  async import(
    @CurrentUser() caller: Caller,
    @Query() { dry_run }: ImportQuery,
    @Req() request: FastifyRequest,
  ): Promise<ImportView> {
    const end = this.imports.begin(caller);
    const { socket } = request.raw;
    const connection = new AbortController();
    const lost = () => connection.abort(connectionLost());
    socket.once('close', lost);
    try {
      const dryRun = dry_run === 'true';
      const entries = await this.run(caller, request, { dryRun, signal: connection.signal });
      return ImportView.from(entries, dryRun);
    } finally {
      socket.off('close', lost);
      end();
    }
  }

  private async run(
    caller: Caller,
    { body }: FastifyRequest,
    options: ImportOptions,
  ): Promise<ImportEntry[]> {
    if (body instanceof UnreadBody) return this.imports.json(caller, await body.read(), options);
    if (!(body instanceof UnreadFile))
      throw invalid([], 'The body is missing; send a zip archive or a JSON document.');
    const file = await body.save(this.config.get('DATA_DIR'), this.config.get('MAX_IMPORT_BYTES'));
    try {
      return await this.imports.zip(caller, file.fd, options);
    } finally {
      file.close();
    }
  }
}
