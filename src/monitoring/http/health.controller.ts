import { Controller, Get, Header, Res, ServiceUnavailableException } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheck, type HealthCheckResult } from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { Public } from '../../platform/access/access.decorators';
import { HealthService, type HealthReport } from '../health.service';

@ApiTags('Health')
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get()
  @Public()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Get the health of all parts',
    operationId: 'health',
    description:
      '`status` is `ok`, `degraded` (it works, but needs attention; 200) or `error` (503). Each part gives a reason.',
  })
  @HealthCheck()
  all(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthReport> {
    return answered(reply, this.health.all());
  }

  @Get('live')
  @Public()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Check whether the process is alive',
    operationId: 'live',
    description: 'Nothing outside the process can make this fail.',
  })
  @HealthCheck()
  live(): Promise<HealthReport> {
    return this.health.live();
  }

  @Get('ready')
  @Public()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Check whether to send traffic to this instance', operationId: 'ready' })
  @HealthCheck()
  ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthReport> {
    return answered(reply, this.health.ready());
  }
}

/** Terminus throws its report if a part is down; this returns it with 503. */
async function answered(reply: FastifyReply, report: Promise<HealthReport>): Promise<HealthReport> {
  try {
    return await report;
  } catch (error) {
    if (!(error instanceof ServiceUnavailableException)) throw error;
    void reply.status(503);
    return error.getResponse() as HealthCheckResult;
  }
}
