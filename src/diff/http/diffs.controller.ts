import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { Allow, CurrentUser } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import type { Answer, JsonText } from '../../platform/http/answer';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { DiffService, type DiffRequest } from '../diff.service';
import { DiffView, VersionSummaryView, svgAnswer, textAnswer } from './diff.views';
import { DiffFormatQuery, DiffPictureQuery, DiffQuery, PictureQuery } from './diff.queries';

const SVG = {
  content: { 'image/svg+xml': { schema: { type: 'string' as const } } },
  description: 'The picture.',
};

const TEXT = { schema: { type: 'string' as const } };
const DIFF = {
  content: {
    'application/json': { schema: { $ref: getSchemaPath(DiffView) } },
    'text/plain': TEXT,
    'text/markdown': TEXT,
  },
  description: 'The difference, in the requested format.',
};

@ApiTags('Differences')
@ApiParam({ name: 'id', description: "The graph's UUID.", example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' })
@Controller('graphs/:id')
export class DiffsController {
  constructor(private readonly diffs: DiffService) {}

  @Get('diff')
  @Allow(Permission.GraphsRead)
  @ApiOperation({ summary: 'Compare two versions, or two graphs', operationId: 'diffGraph' })
  @ApiExtraModels(DiffView)
  @ApiOkResponse(DIFF)
  @ApiProblems(400, 404, 422, 429)
  async diff(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Query() query: DiffFormatQuery,
  ): Promise<Answer<JsonText | Buffer>> {
    const { format, reveal, include } = query;
    if (format === 'json')
      return DiffView.answer(await this.diffs.diff(caller, id, requestOf(query), include === 'before'));
    const options = { markdown: format === 'markdown', reveal: reveal === 'true' };
    return textAnswer(await this.diffs.describe(caller, id, requestOf(query), options), format);
  }

  @Get('diff/summary')
  @Allow(Permission.GraphsRead)
  @ApiOperation({
    summary: 'Count what changed between two versions, or two graphs',
    operationId: 'summarizeDiff',
    description: 'For lists of versions. Repeated requests are cheap.',
  })
  @ApiOkResponse({ type: VersionSummaryView })
  @ApiProblems(400, 404, 422, 429, 503)
  async summarize(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Query() query: DiffQuery,
  ): Promise<Answer<JsonText>> {
    return DiffView.answer(await this.diffs.summarize(caller, id, requestOf(query)));
  }

  @Get('diff.svg')
  @Allow(Permission.GraphsRead)
  @ApiOperation({ summary: 'Draw what changed between two versions', operationId: 'drawDiff' })
  @ApiProduces('image/svg+xml')
  @ApiOkResponse(SVG)
  @ApiProblems(400, 404, 422, 429)
  async drawDiff(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Query() query: DiffPictureQuery,
  ): Promise<Answer<Buffer>> {
    const bare = query.legend === 'false';
    return svgAnswer(await this.diffs.drawDiff(caller, id, requestOf(query), bare));
  }

  @Get('picture.svg')
  @Allow(Permission.GraphsRead)
  @ApiOperation({ summary: 'Draw a version', operationId: 'drawGraph' })
  @ApiProduces('image/svg+xml')
  @ApiOkResponse(SVG)
  @ApiProblems(400, 404, 422, 429)
  async draw(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Query() { version, legend }: PictureQuery,
  ): Promise<Answer<Buffer>> {
    return svgAnswer(await this.diffs.draw(caller, id, version ?? null, legend === 'false'));
  }
}

function requestOf({ from, to, with: other }: DiffQuery): DiffRequest {
  return { from: from ?? null, to: to ?? null, with: other ?? null };
}
