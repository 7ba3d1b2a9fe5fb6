import type { Readable } from 'node:stream';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { nameOfTitle } from '../domain/file-names';
import { GraphReaderService } from '../../graphs/graph-reader.service';
import { Allow, CurrentUser } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { Answer } from '../../platform/http/answer';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { ExportService } from '../export.service';
import { AccountExportQuery, GraphExportQuery } from './archive.queries';

const BYTES = { schema: { type: 'string' as const, format: 'binary' } };

@ApiTags('Export')
@Controller()
export class ExportController {
  constructor(
    private readonly exports: ExportService,
    private readonly graphs: GraphReaderService,
  ) {}

  @Get('export')
  @Allow(Permission.GraphsRead)
  @ApiOperation({
    summary: 'Export all graphs of the signed-in user with every version',
    description:
      'Streams a zip archive: each version as a file with its exact bytes, a `graph.json` for each graph, and a `manifest.json` at the end. Graphs in the trash are included.',
    operationId: 'exportAccount',
  })
  @ApiOkResponse({ description: 'The archive.', content: { 'application/zip': BYTES } })
  @ApiProblems(400, 429)
  async account(
    @CurrentUser() caller: Caller,
    @Query() _query: AccountExportQuery,
  ): Promise<Answer<Readable>> {
    const { name, bytes } = await this.exports.accountZip(caller);
    return file(bytes, 'application/zip', `${name}.zip`);
  }

  @Get('graphs/:id/export')
  @Allow(Permission.GraphsRead)
  @ApiOperation({
    summary: 'Export a graph with every version, or its present config as a file',
    description:
      'For a git repository: `git init flow && cd flow && curl … | git fast-import && git checkout main`.',
    operationId: 'exportGraph',
  })
  @ApiParam({ name: 'id', description: "The graph's UUID.", example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' })
  @ApiOkResponse({
    description: 'The export.',
    content: {
      'application/zip': BYTES,
      'application/x-git-fast-import': BYTES,
      'application/json': { schema: { description: 'The config, byte for byte.' } },
    },
  })
  @ApiProblems(400, 404, 429)
  async graph(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Query() { format }: GraphExportQuery,
  ): Promise<Answer<Readable | Buffer>> {
    if (format === 'json') return this.config(caller, id);
    if (format === 'git') {
      const { name, bytes } = await this.exports.graphGit(caller, id);
      return file(bytes, 'application/x-git-fast-import', `${name}.fast-import`);
    }
    const { name, bytes } = await this.exports.graphZip(caller, id);
    return file(bytes, 'application/zip', `${name}.zip`);
  }

  private async config(caller: Caller, id: string): Promise<Answer<Buffer>> {
    const { title, config = Buffer.alloc(0) } = await this.graphs.get(caller, id);
    return file(config, 'application/json; charset=utf-8', `${nameOfTitle(title)}.json`);
  }
}

function file<Bytes extends Readable | Buffer>(bytes: Bytes, type: string, name: string): Answer<Bytes> {
  return new Answer(bytes, {
    'content-type': type,
    'content-disposition': `attachment; filename="${name}"`,
    'x-content-type-options': 'nosniff',
  });
}
