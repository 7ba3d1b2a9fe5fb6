import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { Public } from '../../platform/access/access.decorators';
import { DatabaseHealth } from '../../platform/database/database.health';
import { RetentionHealth } from '../../retention/retention.health';

@ApiTags('Health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: DatabaseHealth,
    private readonly retention: RetentionHealth,
  ) {}

  @Get()
  @Public()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Is everything as it should be?',
    operationId: 'health',
    description:
      'For people and alarms. 503 when anything needs a look, also what does not keep the service from serving; load balancers ask `/health/ready`.',
  })
  @HealthCheck()
  everything(): Promise<HealthCheckResult> {
    return this.health.check([() => this.database.check(), () => this.retention.check()]);
  }

  @Get('live')
  @Public()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Is the process alive?',
    operationId: 'live',
    description: 'Nothing outside the process can make this fail.',
  })
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  @Get('ready')
  @Public()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Should traffic be sent here?', operationId: 'ready' })
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.database.check()]);
  }
}
