import { Body, Controller, Get, Inject, Param, Post, Put, Query, Req } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { BackupMarksService } from '../../backups/backup-marks.service';
import { Allow, CurrentUser, MayRead } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { AppConfig } from '../../platform/config/app-config';
import type { Answer } from '../../platform/http/answer';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { PAGE_HEADERS } from '../../platform/http/pagination';
import { RequestHeader } from '../../platform/http/request-header.decorator';
import { GraphHistoryService } from '../graph-history.service';
import { GraphReaderService } from '../graph-reader.service';
import { GraphsService } from '../graphs.service';
import { CreateGraphBody, UpdateGraphBody } from './graph.dto';
import { GraphList } from './graph-list';
import { GraphAtQuery, ListGraphsQuery } from './graph.queries';
import { ApiChangedGraph, ApiGraphId, ApiIfMatch, ETAG_HEADERS } from './graph.openapi';
import { GraphView } from './graph.views';

@ApiTags('Graphs')
@Controller('graphs')
export class GraphsController {
  constructor(
    private readonly graphs: GraphsService,
    private readonly reader: GraphReaderService,
    private readonly history: GraphHistoryService,
    private readonly lists: GraphList,
    private readonly marks: BackupMarksService,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  @Get()
  @Allow(Permission.GraphsRead)
  @ApiOperation({ summary: 'List the graphs of the signed-in user, newest first', operationId: 'listGraphs' })
  @ApiOkResponse({ type: [GraphView], headers: PAGE_HEADERS })
  @ApiProblems(400, 429)
  list(
    @CurrentUser() caller: Caller,
    @Query() query: ListGraphsQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer> {
    return this.lists.answer(caller, query, request.url);
  }

  @Post()
  @Allow(Permission.GraphsAppend)
  @ApiOperation({ summary: 'Create a graph', operationId: 'createGraph' })
  @ApiBody({ type: CreateGraphBody })
  @ApiChangedGraph(201)
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Makes a retry safe for 24 h: the same key and body create one graph.',
  })
  @ApiProblems(400, 409, 413, 415, 422, 429)
  async create(
    @CurrentUser() caller: Caller,
    @Body() body: CreateGraphBody,
    @Req() request: FastifyRequest,
    @MayRead() mayRead: boolean,
    @RequestHeader('idempotency-key') key?: string,
  ): Promise<Answer> {
    const retry = key === undefined ? undefined : { key, body: request.body as Buffer };
    const graph = await this.graphs.create(caller, body, retry);
    const location = `${this.config.get('API_V1_STR')}/graphs/${graph.id}`;
    return GraphView.changed(graph, { marks: await this.marks.read(), mayRead }, { location });
  }

  @Get(':id')
  @Allow(Permission.GraphsRead)
  @ApiOperation({ summary: 'Get a graph as it is now, or as it was at a time', operationId: 'getGraph' })
  @ApiGraphId()
  @ApiHeader({
    name: 'If-None-Match',
    required: false,
    description: 'Returns 304 if the graph still has this `ETag`.',
  })
  @ApiOkResponse({ type: GraphView, headers: ETAG_HEADERS })
  @ApiResponse({ status: 304, description: 'The graph still has the `ETag` of `If-None-Match`.' })
  @ApiProblems(400, 404, 422, 429)
  async get(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Query() { time }: GraphAtQuery,
  ): Promise<Answer> {
    const graph =
      time === null ? await this.reader.get(caller, id) : await this.history.getAt(caller, id, time);
    return GraphView.answer(graph, await this.marks.read());
  }

  @Put(':id')
  @Allow(Permission.GraphsAppend)
  @ApiOperation({
    summary: 'Change a graph; creates a version unless nothing changed',
    operationId: 'updateGraph',
  })
  @ApiGraphId()
  @ApiIfMatch()
  @ApiBody({ type: UpdateGraphBody })
  @ApiChangedGraph()
  @ApiProblems(400, 404, 409, 412, 413, 415, 429)
  async update(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Body() body: UpdateGraphBody,
    @MayRead() mayRead: boolean,
    @RequestHeader('if-match') ifMatch?: string,
  ): Promise<Answer> {
    const graph = await this.graphs.update(caller, id, body, ifMatch);
    return GraphView.changed(graph, { marks: await this.marks.read(), mayRead });
  }
}
