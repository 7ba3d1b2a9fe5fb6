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
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Allow, CurrentUser } from '../../../platform/access/access.decorators';
import type { Caller } from '../../../platform/access/caller';
import { Permission } from '../../../platform/access/permission';
import { Answer } from '../../../platform/http/answer';
import { ApiProblems } from '../../../platform/http/api-problems.decorator';
import { PAGE_HEADERS, PageQuery, listAnswer } from '../../../platform/http/pagination';
import { WebhooksService } from '../webhooks.service';
import { CreateWebhookBody, UpdateWebhookBody, givenChange, givenWebhook } from './webhook.dto';
import { ApiWebhookId } from './webhook.openapi';
import { NewWebhookView, WebhookSecretView, WebhookView } from './webhook.views';

// Reading needs the permission to write: the addresses of chats are secrets.
@ApiTags('Webhooks')
@Controller('webhooks')
@Allow(Permission.GraphsWrite)
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  @Get()
  @ApiOperation({
    summary: 'List the webhooks of the signed-in user, newest first',
    operationId: 'listWebhooks',
  })
  @ApiOkResponse({ type: [WebhookView], headers: PAGE_HEADERS })
  @ApiProblems(400)
  async list(
    @CurrentUser() caller: Caller,
    @Query() { limit, skip }: PageQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<WebhookView[]>> {
    const { items, total } = await this.webhooks.list(caller, limit, skip);
    return listAnswer({ items, total, next: null }, request.url, (webhook) => WebhookView.from(webhook));
  }

  @Post()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Create a webhook for events from now on',
    operationId: 'createWebhook',
    description:
      'Messages carry the headers of Standard Webhooks. Each event is sent at least once, in order for each graph; a receiver recognizes repeated messages by `webhook-id`. docs/notifications.md describes the messages.',
  })
  @ApiCreatedResponse({ type: NewWebhookView })
  @ApiProblems(400, 403, 409, 413, 415)
  async create(@CurrentUser() caller: Caller, @Body() body: CreateWebhookBody): Promise<NewWebhookView> {
    const { webhook, secret } = await this.webhooks.create(caller, givenWebhook(body));
    return NewWebhookView.of(webhook, secret);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Get a webhook', operationId: 'getWebhook' })
  @ApiWebhookId()
  @ApiOkResponse({ type: WebhookView })
  @ApiProblems(404)
  async get(@CurrentUser() caller: Caller, @Param('id') id: string): Promise<WebhookView> {
    return WebhookView.from(await this.webhooks.get(caller, id));
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Change, pause or resume a webhook',
    operationId: 'updateWebhook',
    description:
      'A webhook that is resumed continues where it stopped, unless `skip_missed` is true. What waits is sent at once.',
  })
  @ApiWebhookId()
  @ApiOkResponse({ type: WebhookView })
  @ApiProblems(400, 403, 404, 409, 413, 415)
  async update(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Body() body: UpdateWebhookBody,
  ): Promise<WebhookView> {
    return WebhookView.from(await this.webhooks.change(caller, id, givenChange(body)));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Remove a webhook with its deliveries',
    operationId: 'deleteWebhook',
    description: 'What waits is not sent.',
  })
  @ApiWebhookId()
  @ApiNoContentResponse({ description: 'The webhook is removed.' })
  @ApiProblems(404, 409)
  remove(@CurrentUser() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.webhooks.remove(caller, id);
  }

  @Post(':id/secret')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Replace the secret of a webhook',
    operationId: 'makeWebhookSecret',
    description: 'For 24 hours, messages are signed with both secrets.',
  })
  @ApiWebhookId()
  @ApiOkResponse({ type: WebhookSecretView })
  @ApiProblems(404, 409)
  async makeSecret(@CurrentUser() caller: Caller, @Param('id') id: string): Promise<WebhookSecretView> {
    return WebhookSecretView.of(await this.webhooks.makeSecret(caller, id));
  }
}
