import { ApiParam } from '@nestjs/swagger';

/** The path parameter `id` of a webhook. */
export const ApiWebhookId = () =>
  ApiParam({
    name: 'id',
    description: "The webhook's UUID.",
    example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11',
  });
