import { Body, Controller, Get, HttpCode, Put, Query, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { VaultOverviewService } from '../../backups/vault-overview.service';
import { Allow, CurrentUser } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { Answer } from '../../platform/http/answer';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { nextHeader } from '../../platform/http/pagination';
import { Traffic } from '../../platform/metrics/traffic';
import { LogLevelService } from '../log-level.service';
import { StorageService } from '../storage.service';
import { BackupsOverviewView } from './backups-overview.view';
import { ErrorsView, LogLevelBody, PerformanceView } from './monitoring.views';
import { StorageQuery, StorageView } from './storage.views';

@ApiTags('Monitoring')
@Controller('monitoring')
export class MonitoringController {
  constructor(
    private readonly traffic: Traffic,
    private readonly logLevels: LogLevelService,
    private readonly storageFigures: StorageService,
    private readonly vault: VaultOverviewService,
  ) {}

  @Get('storage')
  @Allow(Permission.Operate)
  @ApiOperation({
    summary: 'Get storage usage by table and user, and its growth',
    operationId: 'monitorStorage',
    description:
      'Reads counters that every change maintains, so the cost does not depend on the amount of data. A nightly check counts again; `last_check` has its result. `growth` is calculated from hourly records.',
  })
  @ApiOkResponse({
    type: StorageView,
    headers: {
      Link: {
        description: '`<…>; rel="next"`, if there are more users.',
        schema: { type: 'string' as const },
      },
    },
  })
  @ApiProblems(400)
  async storage(
    @Query() { limit, after }: StorageQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<StorageView>> {
    const storage = await this.storageFigures.read(limit, after);
    return new Answer(StorageView.from(storage), nextHeader(storage.next, request.url));
  }

  @Get('backups')
  @Allow(Permission.Operate)
  @ApiOperation({
    summary: 'Get the state of the backups',
    operationId: 'monitorBackups',
    description: 'Reads the records in the database, not the backup store itself.',
  })
  @ApiOkResponse({ type: BackupsOverviewView })
  async backups(): Promise<BackupsOverviewView> {
    return BackupsOverviewView.from(await this.vault.read());
  }

  @Get('performance')
  @Allow(Permission.Operate)
  @ApiOperation({
    summary: 'Get the response times of each route in the last hour',
    operationId: 'monitorPerformance',
    description: 'For this process only. With several instances, query each of them, or Prometheus.',
  })
  @ApiOkResponse({ type: PerformanceView })
  performance(): PerformanceView {
    return PerformanceView.from(this.traffic.performance());
  }

  @Get('errors')
  @Allow(Permission.Operate)
  @ApiOperation({
    summary: 'Get the number of errors by code',
    operationId: 'monitorErrors',
    description:
      'By stable code, for this process only. `share` is the fraction of all requests in the period.',
  })
  @ApiOkResponse({ type: ErrorsView })
  errors(): ErrorsView {
    return ErrorsView.from(this.traffic.requests(), this.traffic.errorCounts());
  }

  @Put('log-level')
  @HttpCode(200)
  @Allow(Permission.Administer)
  @ApiOperation({
    summary: 'Set the log level',
    operationId: 'setLogLevel',
    description: 'For this process only, until it ends. SIGHUP toggles between LOG_LEVEL and `debug`.',
  })
  @ApiBody({ type: LogLevelBody })
  @ApiOkResponse({ type: LogLevelBody })
  @ApiProblems(400, 413, 415)
  async setLogLevel(@CurrentUser() caller: Caller, @Body() { level }: LogLevelBody): Promise<LogLevelBody> {
    await this.logLevels.set(caller, level);
    return { level };
  }
}
