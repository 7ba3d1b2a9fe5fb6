import { Body, Controller, Get, HttpCode, Put, Query, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { VaultOverviews } from '../../backups/vault-overview.service';
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
    private readonly vault: VaultOverviews,
  ) {}

  @Get('storage')
  @Allow(Permission.Operate)
  @ApiOperation({
    summary: 'What is stored, by table and by user, and how it grows',
    operationId: 'monitorStorage',
    description:
      'Out of counters that are kept with each change, so that it takes the same time however much is stored. A nightly check counts anew; `last_check` says whether they were right. `growth` goes by what is noted each hour.',
  })
  @ApiOkResponse({
    type: StorageView,
    headers: {
      Link: {
        description: '`<…>; rel="next"`, while there are more users.',
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
    summary: 'How well everything is backed up',
    operationId: 'monitorBackups',
    description: "Out of the backup store's own records in the database; the store itself is not asked.",
  })
  @ApiOkResponse({ type: BackupsOverviewView })
  async backups(): Promise<BackupsOverviewView> {
    return BackupsOverviewView.from(await this.vault.read());
  }

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
