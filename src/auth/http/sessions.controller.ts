import { Controller, Delete, Get, HttpCode, Param, Query, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Allow, CurrentSession, CurrentUser } from '../../platform/access/access.decorators';
import type { RequestCaller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { Answer } from '../../platform/http/answer';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { PAGE_HEADERS, PageQuery, listAnswer } from '../../platform/http/pagination';
import { OwnSessionsService } from '../own-sessions.service';
import { SessionView } from './session.views';

@ApiTags('Auth')
@Controller('auth/sessions')
export class SessionsController {
  constructor(private readonly sessions: OwnSessionsService) {}

  @Get()
  @Allow(Permission.AccountManage)
  @ApiOperation({
    summary: 'List my open sessions, newest first',
    operationId: 'listSessions',
    description: 'Where each session began, and when it was renewed last. Only with a session.',
  })
  @ApiOkResponse({ type: [SessionView], headers: PAGE_HEADERS })
  @ApiProblems(400)
  async list(
    @CurrentUser() caller: RequestCaller,
    @CurrentSession() current: Buffer,
    @Query() { limit, skip }: PageQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<SessionView[]>> {
    const { items, total } = await this.sessions.list(caller, limit, skip);
    return listAnswer({ items, total, next: null }, request.url, (session) =>
      SessionView.from(session, current),
    );
  }

  @Delete()
  @HttpCode(204)
  @Allow(Permission.AccountManage)
  @ApiOperation({ summary: 'End all my sessions except for this one', operationId: 'endOtherSessions' })
  @ApiNoContentResponse({ description: 'The other sessions are ended. API tokens stay valid.' })
  endOthers(@CurrentUser() caller: RequestCaller, @CurrentSession() current: Buffer): Promise<void> {
    return this.sessions.endOthers(caller, current);
  }

  @Delete(':id')
  @HttpCode(204)
  @Allow(Permission.AccountManage)
  @ApiOperation({ summary: 'End one of my sessions', operationId: 'endSession' })
  @ApiParam({
    name: 'id',
    description: "The session's id.",
    example: '5f0a1c3e-9d10-4b3a-8c41-2f6f0a5d8e11',
  })
  @ApiNoContentResponse({ description: 'Ended. Takes effect with the next request of the session.' })
  @ApiProblems(404)
  end(@CurrentUser() caller: RequestCaller, @Param('id') id: string): Promise<void> {
    return this.sessions.end(caller, id);
  }
}
