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
  ApiBody,
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
import { PAGE_HEADERS, PageQuery, decodeCursor, listAnswer } from '../../platform/http/pagination';
import { UsersService } from '../users.service';
import { PasswordLinksService } from '../password-links.service';
import { ChangeUserBody, PasswordLinkView } from './accounts.dto';
import { UserView } from './auth.dto';

const ApiId = () =>
  ApiParam({
    name: 'id',
    description: "The account's UUID.",
    example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11',
  });

@ApiTags('Users')
@Controller('users')
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly links: PasswordLinksService,
  ) {}

  @Get()
  @Allow(Permission.Administer)
  @ApiOperation({ summary: 'All accounts, newest first', operationId: 'listUsers' })
  @ApiOkResponse({ type: [UserView], headers: PAGE_HEADERS })
  @ApiProblems(400)
  async list(
    @Query() { limit, skip, after }: PageQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<UserView[]>> {
    const before = after === undefined ? null : Number(decodeCursor(after, ['number'])[0]);
    const page = await this.users.list({ limit, skip, before });
    return listAnswer(page, request.url, (user) => UserView.from(user));
  }

  @Get(':id')
  @ApiId()
  @Allow(Permission.Administer)
  @ApiOperation({ summary: 'An account', operationId: 'getUser' })
  @ApiOkResponse({ type: UserView })
  @ApiProblems(404)
  async get(@Param('id') id: string): Promise<UserView> {
    return UserView.from(await this.users.find(id));
  }

  @Patch(':id')
  @ApiId()
  @Allow(Permission.Administer)
  @ApiOperation({
    summary: "Change an account's role, disable or enable it",
    operationId: 'changeUser',
    description: 'Counts from the next request of the account, in every instance.',
  })
  @ApiBody({ type: ChangeUserBody })
  @ApiOkResponse({ type: UserView })
  @ApiProblems(400, 404, 409, 413, 415)
  async change(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Body() body: ChangeUserBody,
  ): Promise<UserView> {
    const { role, is_active: isActive } = body;
    return UserView.from(await this.users.change(caller, id, { role, isActive }));
  }

  @Delete(':id')
  @ApiId()
  @HttpCode(204)
  @Allow(Permission.Administer)
  @ApiOperation({
    summary: 'Delete an account and all its data permanently',
    operationId: 'deleteUser',
    description:
      'Its data key is destroyed at once, and in the backup store with the next copy; its rows are removed within minutes. Copies of the database that were made by other means can still be read with the master key.',
  })
  @ApiNoContentResponse({ description: 'The account is deleted.' })
  @ApiProblems(404, 409)
  remove(@CurrentUser() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.users.remove(caller, id);
  }

  @Post(':id/password-reset')
  @ApiId()
  @Header('cache-control', 'no-store')
  @Allow(Permission.Administer)
  @ApiOperation({
    summary: 'Make a one-time link for a forgotten password',
    operationId: 'makePasswordLink',
    description:
      'The holder of the link sets a new password within 30 minutes, once. A new link voids the one before. The password stays as it is until then.',
  })
  @ApiCreatedResponse({ type: PasswordLinkView })
  @ApiProblems(404, 409)
  async makePasswordLink(@CurrentUser() caller: Caller, @Param('id') id: string): Promise<PasswordLinkView> {
    return PasswordLinkView.from(await this.links.makeFor(caller, id));
  }
}
