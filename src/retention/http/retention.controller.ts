import { Body, Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Allow, CurrentUser } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { Answer } from '../../platform/http/answer';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import {
  PAGE_HEADERS,
  PageQuery,
  decodeCursor,
  encodeCursor,
  listAnswer,
} from '../../platform/http/pagination';
import { RetentionService } from '../retention.service';
import { RetentionRunBody, RetentionRunView } from './retention.dto';

@ApiTags('Retention')
@Controller('retention/runs')
export class RetentionController {
  constructor(private readonly retention: RetentionService) {}

  @Get()
  @Allow(Permission.Operate)
  @ApiOperation({
    summary: 'The last 200 runs, dry ones too, newest first',
    operationId: 'listRetentionRuns',
  })
  @ApiOkResponse({ type: [RetentionRunView], headers: PAGE_HEADERS })
  @ApiProblems(400)
  async list(
    @Query() { limit, skip, after }: PageQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<RetentionRunView[]>> {
    const below = after === undefined ? Infinity : Number(decodeCursor(after, ['number'])[0]);
    const runs = await this.retention.runs();
    const open = runs.filter(({ id }) => id < below).slice(skip);
    const items = open.slice(0, limit);
    const last = items.at(-1);
    const next = open.length > limit && last ? encodeCursor([last.id]) : null;
    return listAnswer({ items, total: runs.length, next }, request.url, (run) => RetentionRunView.from(run));
  }

  @Post()
  @HttpCode(200)
  @Allow(Permission.Operate)
  @ApiOperation({
    summary: 'Run retention now, or say what it would do',
    operationId: 'runRetention',
    description:
      'A dry run unless `dry_run` is false. The answer is 202 when the run goes on after it; see the list for its end.',
  })
  @ApiBody({ type: RetentionRunBody })
  @ApiOkResponse({ type: RetentionRunView })
  @ApiAcceptedResponse({ type: RetentionRunView, description: 'The run goes on.' })
  @ApiProblems(400, 409, 413, 415)
  async run(
    @CurrentUser() caller: Caller,
    @Body() { dry_run, force }: RetentionRunBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RetentionRunView> {
    const run = await this.retention.begin({ dryRun: dry_run, force, caller });
    if (run.status === 'running') void reply.status(202);
    return RetentionRunView.from(run);
  }
}
