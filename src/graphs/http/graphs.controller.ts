import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Query,
  Req,
} from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Allow, CurrentUser } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { AppConfig } from '../../platform/config/app-config';
import type { Answer } from '../../platform/http/answer';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { GraphHistory } from '../graph-history.service';
import { GraphReader } from '../graph-reader.service';
import { GraphsService } from '../graphs.service';
import { requireGraphJson } from './config-member';
import { CreateGraphBody, UpdateGraphBody } from './graph.dto';
import { GraphList } from './graph-list';
import { GraphAtQuery, ListGraphsQuery } from './graph.queries';
import { GraphView } from './graph.views';

const ETAG_HEADERS = {
  ETag: { description: '`"<version>-<first 16 hex of config_sha256>"`', schema: { type: 'string' as const } },
  'Last-Modified': { schema: { type: 'string' as const } },
};
const LIST_HEADERS = {
  'X-Total-Count': { description: 'How many there are in all.', schema: { type: 'integer' as const } },
  Link: { description: '`<…>; rel="next"`, while there is more.', schema: { type: 'string' as const } },
};
const ApiGraphId = () =>
  ApiParam({ name: 'id', description: "The graph's UUID.", example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' });
const ApiIfMatch = () =>
  ApiHeader({
    name: 'If-Match',
    required: false,
    description:
      'Only if the graph still has this `ETag`; else 412. Without it the last write wins, and nothing is lost.',
  });

@ApiTags('Graphs')
@Controller('graphs')
export class GraphsController {
  constructor(
    private readonly graphs: GraphsService,
    private readonly reader: GraphReader,
    private readonly history: GraphHistory,
    private readonly lists: GraphList,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  @Get()
  @Allow(Permission.GraphsRead)
  @ApiOperation({ summary: 'My graphs, newest first', operationId: 'listGraphs' })
  @ApiOkResponse({ type: [GraphView], headers: LIST_HEADERS })
  @ApiProblems(400)
  list(
    @CurrentUser() caller: Caller,
    @Query() query: ListGraphsQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer> {
    return this.lists.answer(caller, query, request.url);
  }

  @Post()
  @Allow(Permission.GraphsWrite)
  @ApiOperation({ summary: 'Store a new graph', operationId: 'createGraph' })
  @ApiBody({ type: CreateGraphBody })
  @ApiCreatedResponse({
    type: GraphView,
    headers: { ...ETAG_HEADERS, Location: { schema: { type: 'string' } } },
  })
  @ApiProblems(400, 413, 415)
  async create(@CurrentUser() caller: Caller, @Body() body: CreateGraphBody): Promise<Answer> {
    const graph = await this.graphs.create(caller, requireGraphJson(body));
    return GraphView.answer(graph, { location: `${this.config.get('API_V1_STR')}/graphs/${graph.id}` });
  }

  @Get(':id')
  @Allow(Permission.GraphsRead)
  @ApiOperation({ summary: 'A graph as it is, or as it was at a time', operationId: 'getGraph' })
  @ApiGraphId()
  @ApiHeader({
    name: 'If-None-Match',
    required: false,
    description: 'Answered with 304 when the graph still has this `ETag`.',
  })
  @ApiOkResponse({ type: GraphView, headers: ETAG_HEADERS })
  @ApiResponse({ status: 304, description: 'The graph still has the `ETag` of `If-None-Match`.' })
  @ApiProblems(400, 404, 422)
  async get(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Query() { time }: GraphAtQuery,
  ): Promise<Answer> {
    return GraphView.answer(
      time === null ? await this.reader.get(caller, id) : await this.history.getAt(caller, id, time),
    );
  }

  @Put(':id')
  @Allow(Permission.GraphsWrite)
  @ApiOperation({
    summary: 'Change a graph: a new version, unless nothing changed',
    operationId: 'updateGraph',
  })
  @ApiGraphId()
  @ApiIfMatch()
  @ApiBody({ type: UpdateGraphBody })
  @ApiOkResponse({ type: GraphView, headers: ETAG_HEADERS })
  @ApiProblems(400, 404, 412, 413, 415)
  async update(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Body() body: UpdateGraphBody,
    @Headers('if-match') ifMatch?: string,
  ): Promise<Answer> {
    return GraphView.answer(await this.graphs.update(caller, id, requireGraphJson(body), ifMatch));
  }

  @Delete(':id')
  @Allow(Permission.GraphsWrite)
  @ApiOperation({
    summary: 'Put a graph into the bin; it can be recovered until `purge_at`',
    operationId: 'deleteGraph',
  })
  @ApiGraphId()
  @ApiIfMatch()
  @ApiOkResponse({ type: GraphView })
  @ApiProblems(404, 412)
  async remove(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Headers('if-match') ifMatch?: string,
  ): Promise<Answer> {
    return GraphView.answer(await this.graphs.remove(caller, id, ifMatch));
  }

  @Post(':id/recover')
  @HttpCode(200)
  @Allow(Permission.GraphsWrite)
  @ApiOperation({ summary: 'Take a graph out of the bin', operationId: 'recoverGraph' })
  @ApiGraphId()
  @ApiOkResponse({ type: GraphView, headers: ETAG_HEADERS })
  @ApiProblems(404, 409)
  async recover(@CurrentUser() caller: Caller, @Param('id') id: string): Promise<Answer> {
    return GraphView.answer(await this.graphs.recover(caller, id));
  }
}
