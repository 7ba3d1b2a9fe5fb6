import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  Req,
} from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Allow, CurrentUser } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { Answer } from '../../platform/http/answer';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { PAGE_HEADERS, PageQuery, decodeCursor, listAnswer } from '../../platform/http/pagination';
import { SourceCheckService } from '../source-check.service';
import { SourceListsService } from '../source-lists.service';
import { SourcesService } from '../sources.service';
import { SyncRequestsService } from '../sync-requests.service';
import {
  CheckSourceBody,
  CreateSourceBody,
  UpdateSourceBody,
  givenChange,
  givenConnection,
  givenSource,
} from './source.dto';
import { ApiSourceId } from './source.openapi';
import {
  HookTokenView,
  NewSourceView,
  RequestedRunView,
  SourceCheckView,
  SourceItemView,
  SourceRunView,
  SourceView,
} from './source.views';

@ApiTags('Sources')
@Controller('sources')
export class SourcesController {
  constructor(
    private readonly sources: SourcesService,
    private readonly lists: SourceListsService,
    private readonly checks: SourceCheckService,
    private readonly requests: SyncRequestsService,
  ) {}

  @Get()
  @Allow(Permission.GraphsRead)
  @ApiOperation({
    summary: 'List the sources of the signed-in user, newest first',
    operationId: 'listSources',
  })
  @ApiOkResponse({ type: [SourceView], headers: PAGE_HEADERS })
  @ApiProblems(400)
  async list(
    @CurrentUser() caller: Caller,
    @Query() { limit, skip }: PageQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<SourceView[]>> {
    const { items, total } = await this.sources.list(caller, limit, skip);
    return listAnswer({ items, total, next: null }, request.url, (row) => SourceView.from(row));
  }

  @Post()
  @Header('cache-control', 'no-store')
  @Allow(Permission.GraphsWrite)
  @ApiOperation({
    summary: 'Connect a tool whose graphs are pulled from now on',
    operationId: 'createSource',
    description:
      'The first run starts at once. A source with the address of a removed one finds the graphs again that it had filled.',
  })
  @ApiCreatedResponse({ type: NewSourceView })
  @ApiProblems(400, 409, 413, 415)
  async create(@CurrentUser() caller: Caller, @Body() body: CreateSourceBody): Promise<NewSourceView> {
    const { source, hookToken } = await this.sources.create(caller, givenSource(body));
    this.requests.start();
    return { ...SourceView.from(source), hook_token: hookToken };
  }

  @Post('check')
  @HttpCode(200)
  @Allow(Permission.GraphsWrite)
  @ApiOperation({
    summary: 'Try a connection and show what it would find',
    operationId: 'checkSource',
    description: 'Changes nothing. A connection that fails is answered with `ok: false` and the reason.',
  })
  @ApiOkResponse({ type: SourceCheckView })
  @ApiProblems(400, 413, 415, 429)
  async check(@CurrentUser() caller: Caller, @Body() body: CheckSourceBody): Promise<SourceCheckView> {
    return SourceCheckView.from(await this.checks.check(caller, givenConnection(body)));
  }

  @Get(':id')
  @Allow(Permission.GraphsRead)
  @ApiOperation({ summary: 'Get a source', operationId: 'getSource' })
  @ApiSourceId()
  @ApiOkResponse({ type: SourceView })
  @ApiProblems(404)
  async get(@CurrentUser() caller: Caller, @Param('id') id: string): Promise<SourceView> {
    return SourceView.from(await this.sources.get(caller, id));
  }

  @Patch(':id')
  @Allow(Permission.GraphsWrite)
  @ApiOperation({
    summary: 'Change, pause or resume a source',
    operationId: 'updateSource',
    description:
      'An enabled source is read at once, unless only its name changes. Another address needs the credentials again.',
  })
  @ApiSourceId()
  @ApiOkResponse({ type: SourceView })
  @ApiProblems(400, 404, 409, 413, 415)
  async update(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Body() body: UpdateSourceBody,
  ): Promise<SourceView> {
    const source = await this.sources.change(caller, id, givenChange(body));
    if (source.enabled === 1) this.requests.start();
    return SourceView.from(source);
  }

  @Delete(':id')
  @HttpCode(204)
  @Allow(Permission.GraphsWrite)
  @ApiOperation({
    summary: 'Remove a source and its credentials; its graphs stay',
    operationId: 'deleteSource',
  })
  @ApiSourceId()
  @ApiNoContentResponse({ description: 'The source is removed.' })
  @ApiProblems(404, 409)
  remove(@CurrentUser() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.sources.remove(caller, id);
  }

  @Post(':id/sync')
  @HttpCode(202)
  @Allow(Permission.GraphsWrite)
  @ApiOperation({ summary: 'Read a source now', operationId: 'syncSource' })
  @ApiSourceId()
  @ApiAcceptedResponse({
    type: RequestedRunView,
    description: 'The run starts; see `GET /sources/{id}/runs`.',
  })
  @ApiProblems(404)
  async sync(@CurrentUser() caller: Caller, @Param('id') id: string): Promise<RequestedRunView> {
    return RequestedRunView.at(await this.requests.byOwner(caller, id));
  }

  @Post(':id/hook-token')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Allow(Permission.GraphsWrite)
  @ApiOperation({ summary: 'Replace the hook token of a source', operationId: 'makeHookToken' })
  @ApiSourceId()
  @ApiOkResponse({ type: HookTokenView })
  @ApiProblems(404, 409)
  async hookToken(@CurrentUser() caller: Caller, @Param('id') id: string): Promise<HookTokenView> {
    return { hook_token: await this.sources.makeHookToken(caller, id) };
  }

  @Get(':id/runs')
  @Allow(Permission.GraphsRead)
  @ApiOperation({ summary: 'List the runs of a source, newest first', operationId: 'listSourceRuns' })
  @ApiSourceId()
  @ApiOkResponse({ type: [SourceRunView], headers: PAGE_HEADERS })
  @ApiProblems(400, 404)
  async runs(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Query() { limit, skip }: PageQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<SourceRunView[]>> {
    const page = await this.lists.runs(caller, id, { limit, skip });
    return listAnswer(page, request.url, (row) => SourceRunView.from(row));
  }

  @Get(':id/items')
  @Allow(Permission.GraphsRead)
  @ApiOperation({
    summary: 'List the graphs of a source by their ids at the tool',
    operationId: 'listSourceItems',
  })
  @ApiSourceId()
  @ApiOkResponse({ type: [SourceItemView], headers: PAGE_HEADERS })
  @ApiProblems(400, 404)
  async items(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Query() { limit, skip, after }: PageQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<SourceItemView[]>> {
    const from = after === undefined ? '' : String(decodeCursor(after, ['string'])[0]);
    const page = await this.lists.items(caller, id, { limit, skip, after: from });
    return listAnswer(page, request.url, (row) => SourceItemView.from(row));
  }
}
