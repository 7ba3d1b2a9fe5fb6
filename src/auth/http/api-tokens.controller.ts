import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Allow, CurrentUser } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { Answer } from '../../platform/http/answer';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { PAGE_HEADERS, PageQuery, listAnswer } from '../../platform/http/pagination';
import { ApiTokensService } from '../api-tokens.service';
import { ApiTokenView, CreateApiTokenBody, NewApiTokenView } from './accounts.dto';

const ApiId = () =>
  ApiParam({ name: 'id', description: "The token's UUID.", example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' });

@ApiTags('API tokens')
@Controller('auth/tokens')
export class ApiTokensController {
  constructor(private readonly tokens: ApiTokensService) {}

  @Get()
  @Allow(Permission.AccountManage)
  @ApiOperation({ summary: 'List my API tokens, newest first', operationId: 'listApiTokens' })
  @ApiOkResponse({ type: [ApiTokenView], headers: PAGE_HEADERS })
  @ApiProblems(400)
  async list(
    @CurrentUser() caller: Caller,
    @Query() { limit, skip }: PageQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<ApiTokenView[]>> {
    const { items, total } = await this.tokens.list(caller, limit, skip);
    return listAnswer({ items, total, next: null }, request.url, (token) => ApiTokenView.from(token));
  }

  @Post()
  @Header('cache-control', 'no-store')
  @Allow(Permission.AccountManage)
  @ApiOperation({
    summary: 'Create an API token',
    operationId: 'createApiToken',
    description:
      'For machines. The secret is in this response only. `append` creates graphs and changes them, and gets no content back: for tools that only send. `write` can also delete, recover, restore and label. `read` reads graphs, versions and the audit log; without it no answer contains a config. No token can purge, set a policy, or manage the account.',
  })
  @ApiCreatedResponse({ type: NewApiTokenView })
  @ApiProblems(400, 409, 413, 415)
  async create(@CurrentUser() caller: Caller, @Body() body: CreateApiTokenBody): Promise<NewApiTokenView> {
    const { name, scopes, expiresAt } = body;
    const { token, secret } = await this.tokens.make(caller, { name, scopes, expiresAt });
    return { ...ApiTokenView.from(token), token: secret };
  }

  @Delete(':id')
  @ApiId()
  @HttpCode(204)
  @Allow(Permission.AccountManage)
  @ApiOperation({ summary: 'Revoke an API token', operationId: 'revokeApiToken' })
  @ApiNoContentResponse({ description: 'Revoked. Takes effect with the next request.' })
  @ApiProblems(404)
  revoke(@CurrentUser() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.tokens.revoke(caller, id);
  }
}
