import { Body, Controller, Get, HttpCode, Put } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentUser } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { Traffic } from '../../platform/metrics/traffic';
import { LogLevelService } from '../log-level.service';
import { ErrorsView, LogLevelBody, PerformanceView } from './monitoring.views';

@ApiTags('Monitoring')
@Controller('monitoring')
export class MonitoringController {
  constructor(
    private readonly traffic: Traffic,
    private readonly logLevels: LogLevelService,
  ) {}

  @Get('performance')
  @Allow(Permission.Operate)
  @ApiOperation({
    summary: 'How fast each route was in the last hour',
    operationId: 'monitorPerformance',
    description: 'Of the process that answers; with several instances, ask each, or Prometheus.',
  })
  @ApiOkResponse({ type: PerformanceView })
  performance(): PerformanceView {
    return PerformanceView.from(this.traffic.performance());
  }

  @Get('errors')
  @Allow(Permission.Operate)
  @ApiOperation({
    summary: 'Which errors were answered, and how often',
    operationId: 'monitorErrors',
    description: 'By their stable code, of the process that answers. `share` is of all requests of the time.',
  })
  @ApiOkResponse({ type: ErrorsView })
  errors(): ErrorsView {
    return ErrorsView.from(this.traffic.requests(), this.traffic.errorCounts());
  }

  @Put('log-level')
  @HttpCode(200)
  @Allow(Permission.Administer)
  @ApiOperation({
    summary: 'Log more, or less, from now on',
    operationId: 'setLogLevel',
    description: 'Of the process that answers, until it ends. SIGHUP switches between LOG_LEVEL and `debug`.',
  })
  @ApiBody({ type: LogLevelBody })
  @ApiOkResponse({ type: LogLevelBody })
  @ApiProblems(400, 413, 415)
  async setLogLevel(@CurrentUser() caller: Caller, @Body() { level }: LogLevelBody): Promise<LogLevelBody> {
    await this.logLevels.set(caller, level);
    return { level };
  }
}
