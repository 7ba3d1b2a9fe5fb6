import { Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Allow, CurrentUser } from '../../../platform/access/access.decorators';
import type { Caller } from '../../../platform/access/caller';
import { Permission } from '../../../platform/access/permission';
import { Answer } from '../../../platform/http/answer';
import { ApiProblems } from '../../../platform/http/api-problems.decorator';
import { PAGE_HEADERS, PageQuery, decodeCursor, listAnswer } from '../../../platform/http/pagination';
import { WebhookDeliveriesService } from '../webhook-deliveries.service';
import { WebhookDeliveryView } from './webhook-delivery.views';
import { ApiWebhookId } from './webhook.openapi';

@ApiTags('Webhooks')
@Controller('webhooks/:id')
@Allow(Permission.GraphsWrite)
export class WebhookDeliveriesController {
  constructor(private readonly deliveries: WebhookDeliveriesService) {}

  @Get('deliveries')
  @ApiOperation({
    summary: 'List the deliveries of a webhook, newest first',
    operationId: 'listWebhookDeliveries',
    description: 'Those that wait, and the last 500.',
  })
  @ApiWebhookId()
  @ApiOkResponse({ type: [WebhookDeliveryView], headers: PAGE_HEADERS })
  @ApiProblems(400, 404)
  async list(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Query() { limit, skip, after }: PageQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<WebhookDeliveryView[]>> {
    const before = after === undefined ? null : Number(decodeCursor(after, ['version'])[0]);
    const page = await this.deliveries.list(caller, id, { limit, skip, before });
    return listAnswer(page, request.url, (row) => WebhookDeliveryView.from(row));
  }

  @Post('test')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Send a test message to a webhook and wait for the answer',
    operationId: 'testWebhook',
    description:
      'Works for a paused webhook, too. A receiver that refuses the message is answered with the status `failed` and the reason.',
  })
  @ApiWebhookId()
  @ApiOkResponse({ type: WebhookDeliveryView })
  @ApiProblems(404, 429)
  async test(@CurrentUser() caller: Caller, @Param('id') id: string): Promise<WebhookDeliveryView> {
    return WebhookDeliveryView.from(await this.deliveries.test(caller, id));
  }

  @Post('deliveries/:n/retry')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Send a delivery again',
    operationId: 'retryWebhookDelivery',
    description:
      'A delivery that waits is tried at once. One that was delivered or given up gets one more attempt, whatever was sent since.',
  })
  @ApiWebhookId()
  @ApiParam({ name: 'n', description: 'The number of the delivery.', type: String, example: '12' })
  @ApiAcceptedResponse({ type: WebhookDeliveryView, description: 'The delivery is sent.' })
  @ApiProblems(404, 409)
  async retry(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Param('n') n: string,
  ): Promise<WebhookDeliveryView> {
    return WebhookDeliveryView.from(await this.deliveries.retry(caller, id, n));
  }
}
