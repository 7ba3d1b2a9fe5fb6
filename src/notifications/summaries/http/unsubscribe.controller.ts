import { Controller, Get, Header, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Origin, Public } from '../../../platform/access/access.decorators';
import type { RequestOrigin } from '../../../platform/access/caller';
import { notFound } from '../../../platform/errors/app-error';
import { ApiProblems } from '../../../platform/http/api-problems.decorator';
import { SummariesService } from '../summaries.service';
import { UNSUBSCRIBE_PATH, UnsubscribeLinks } from '../unsubscribe-links';
import { UnsubscribeQuery } from './summaries.dto';
import { ASK_PAGE, STOPPED_PAGE } from './unsubscribe.page';

const HTML = 'text/html; charset=utf-8';
const PAGE = { content: { 'text/html': { schema: { type: 'string' as const } } }, description: 'A page.' };

@ApiTags('Notifications')
@Controller(UNSUBSCRIBE_PATH)
export class UnsubscribeController {
  constructor(
    private readonly links: UnsubscribeLinks,
    private readonly summaries: SummariesService,
  ) {}

  @Get()
  @Public()
  @Header('content-type', HTML)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Show a page that stops the weekly summary',
    operationId: 'askToUnsubscribe',
    description: 'For the link in a mail. It changes nothing. 404 for a link that is not complete.',
  })
  @ApiProduces('text/html')
  @ApiOkResponse(PAGE)
  @ApiProblems(400, 404, 429)
  async ask(@Query() { token }: UnsubscribeQuery): Promise<string> {
    await this.accountOf(token);
    return ASK_PAGE;
  }

  @Post()
  @HttpCode(200)
  @Public()
  @Header('content-type', HTML)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Stop the weekly summary with the link of a mail',
    operationId: 'unsubscribe',
    description: 'One click in a mail program does it (RFC 8058), without signing in. The body is ignored.',
  })
  @ApiProduces('text/html')
  @ApiOkResponse(PAGE)
  @ApiProblems(400, 404, 429)
  async stop(@Query() { token }: UnsubscribeQuery, @Origin() origin: RequestOrigin): Promise<string> {
    await this.summaries.stop(await this.accountOf(token), origin);
    return STOPPED_PAGE;
  }

  private async accountOf(token: string): Promise<Buffer> {
    const id = await this.links.accountOf(token);
    if (!id) throw notFound('link');
    return id;
  }
}
