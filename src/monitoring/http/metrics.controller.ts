import { createHash, timingSafeEqual } from 'node:crypto';
import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../platform/access/access.decorators';
import { AppConfig } from '../../platform/config/app-config';
import { AppError } from '../../platform/errors/app-error';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { RequestHeader } from '../../platform/http/request-header.decorator';
import { Metrics } from '../../platform/metrics/metrics';

@ApiTags('Health')
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @Public()
  @ApiOperation({
    summary: 'Prometheus metrics',
    operationId: 'metrics',
    description: 'Requires `METRICS_TOKEN` as bearer token if that setting is set.',
  })
  @ApiProduces('text/plain')
  @ApiOkResponse({ description: 'The metrics.', content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiProblems(401)
  async read(
    @Res({ passthrough: true }) reply: FastifyReply,
    @RequestHeader('authorization') authorization?: string,
  ): Promise<string> {
    requireToken(this.config.get('METRICS_TOKEN'), authorization);
    void reply.type(this.metrics.registry.contentType);
    return this.metrics.text();
  }
}

function requireToken(token: string | undefined, authorization: string | undefined): void {
  if (token === undefined) return;
  if (timingSafeEqual(digest(`Bearer ${token}`), digest(authorization ?? ''))) return;
  throw new AppError('unauthenticated', 'metrics-token', 'Send METRICS_TOKEN as "Authorization: Bearer …".');
}

// Digests have equal length, which constant-time comparison requires.
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
