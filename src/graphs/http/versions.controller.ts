import { Body, Controller, Get, Param, Patch, Query, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { BackupMarksService } from '../../backups/backup-marks.service';
import { Allow, CurrentUser } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { DEEP_SKIP, HeavyReads } from '../../platform/fairness/heavy-reads';
import { Answer, type JsonText } from '../../platform/http/answer';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { PAGE_HEADERS, decodeCursor, listAnswer } from '../../platform/http/pagination';
import { GraphHistoryService } from '../graph-history.service';
import { VersionAuthorsService } from '../version-authors.service';
import { VersionMarksService } from '../version-marks.service';
import { MarkVersionBody } from './graph.dto';
import { ListVersionsQuery } from './graph.queries';
import { ListedVersionView, VersionView, WholeVersionView } from './graph.views';

@ApiTags('Versions')
@ApiParam({ name: 'id', description: "The graph's UUID.", example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' })
@Controller('graphs/:id/versions')
export class VersionsController {
  constructor(
    private readonly history: GraphHistoryService,
    private readonly versionMarks: VersionMarksService,
    private readonly marks: BackupMarksService,
    private readonly heavy: HeavyReads,
    private readonly authors: VersionAuthorsService,
  ) {}

  @Get()
  @Allow(Permission.GraphsRead)
  @ApiOperation({ summary: 'List the versions of a graph, newest first', operationId: 'listVersions' })
  @ApiOkResponse({ type: [ListedVersionView], headers: PAGE_HEADERS })
  @ApiProblems(400, 404, 429)
  async list(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Query() { limit, skip, after, include }: ListVersionsQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<ListedVersionView[]>> {
    const before = after === undefined ? null : Number(decodeCursor(after, ['version'])[0]);
    const read = () => this.history.list(caller, id, { limit, skip, before });
    const page = skip < DEEP_SKIP ? await read() : await this.heavy.run(caller.id, read);
    const marks = await this.marks.read();
    const authors = include && (await this.authors.of(caller, id, page.items));
    return listAnswer(page, request.url, (version) => ({
      ...VersionView.from(version, caller.id, marks),
      ...(authors && { author: authors.get(version.version) ?? null }),
    }));
  }

  @Get(':version')
  @Allow(Permission.GraphsRead)
  @ApiOperation({ summary: 'Get a version with its config, byte for byte', operationId: 'getVersion' })
  @ApiParam({ name: 'version', type: 'integer', description: "The version's number.", example: 3 })
  @ApiOkResponse({ type: WholeVersionView })
  @ApiProblems(404)
  async get(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Param('version') version: string,
  ): Promise<Answer<JsonText>> {
    const whole = await this.history.get(caller, id, version);
    return WholeVersionView.answer(whole, caller.id, await this.marks.read());
  }

  @Patch(':version')
  @Allow(Permission.GraphsWrite)
  @ApiOperation({ summary: 'Label or pin a version to protect it from pruning', operationId: 'markVersion' })
  @ApiParam({ name: 'version', type: 'integer', description: "The version's number.", example: 3 })
  @ApiBody({ type: MarkVersionBody })
  @ApiOkResponse({ type: VersionView })
  @ApiProblems(400, 404, 413, 415)
  async mark(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Param('version') version: string,
    @Body() body: MarkVersionBody,
  ): Promise<VersionView> {
    const marked = await this.versionMarks.mark(caller, id, version, body);
    return VersionView.from(marked, caller.id, await this.marks.read());
  }
}
