import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Allow, CurrentUser } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { Clock } from '../../platform/clock/clock';
import { Answer } from '../../platform/http/answer';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { invalid } from '../../platform/errors/app-error';
import { PAGE_HEADERS, PageQuery, decodeCursor, listAnswer } from '../../platform/http/pagination';
import { isUuid } from '../../platform/ids/uuid';
import { AccountBackupsService } from '../account-backups.service';
import { VaultRecordsService } from '../vault-records.service';
import { VaultService } from '../vault.service';
import {
  BackupRunView,
  BackupStatusView,
  StartRunBody,
  StartVerificationBody,
  BackupVerificationView,
} from './backups.views';

@ApiTags('Backups')
@Controller('backups')
export class BackupsController {
  constructor(
    private readonly vault: VaultService,
    private readonly records: VaultRecordsService,
    private readonly accounts: AccountBackupsService,
    private readonly clock: Clock,
  ) {}

  @Get('status')
  @Allow(Permission.GraphsRead)
  @ApiOperation({ summary: 'Get the backup status of my data', operationId: 'backupStatus' })
  @ApiOkResponse({ type: BackupStatusView })
  async status(@CurrentUser() caller: Caller): Promise<BackupStatusView> {
    return BackupStatusView.from(await this.accounts.of(caller), this.clock.now());
  }

  @Get('runs')
  @Allow(Permission.Operate)
  @ApiOperation({ summary: 'List copies, newest first', operationId: 'listBackupRuns' })
  @ApiOkResponse({ type: [BackupRunView], headers: PAGE_HEADERS })
  @ApiProblems(400)
  async runs(
    @Query() { limit, skip, after }: PageQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<BackupRunView[]>> {
    const page = await this.records.runs(after === undefined ? null : cursorId(after), limit, skip);
    return listAnswer(page, request.url, (row) => BackupRunView.from(row));
  }

  @Get('runs/:id')
  @Allow(Permission.Operate)
  @ApiOperation({ summary: 'Get a copy', operationId: 'getBackupRun' })
  @ApiParam({ name: 'id', description: "The run's UUID.", example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' })
  @ApiOkResponse({ type: BackupRunView })
  @ApiProblems(404)
  async run(@Param('id') id: string): Promise<BackupRunView> {
    return BackupRunView.from(await this.records.run(id));
  }

  @Post('runs')
  @HttpCode(202)
  @Allow(Permission.Operate)
  @ApiOperation({
    summary: 'Start a copy',
    operationId: 'startBackupRun',
    description:
      'Responds when the copy has started. 409 if another copy is running. An incremental copy before the first full one becomes a full one.',
  })
  @ApiBody({ type: StartRunBody, required: false })
  @ApiResponse({ status: 202, type: BackupRunView, description: 'The run that was started.' })
  @ApiProblems(400, 409, 413, 415)
  async startRun(@CurrentUser() caller: Caller, @Body() { kind }: StartRunBody): Promise<BackupRunView> {
    return BackupRunView.from(await this.vault.startRun(caller, kind));
  }

  @Get('verifications')
  @Allow(Permission.Operate)
  @ApiOperation({
    summary: 'List verifications, newest first',
    operationId: 'listVerifications',
  })
  @ApiOkResponse({ type: [BackupVerificationView] })
  @ApiProblems(400)
  async verifications(@Query() { limit }: PageQuery): Promise<BackupVerificationView[]> {
    return (await this.records.verifications(limit)).map((row) => BackupVerificationView.from(row));
  }

  @Post('verifications')
  @HttpCode(202)
  @Allow(Permission.Operate)
  @ApiOperation({
    summary: 'Start a verification',
    operationId: 'startVerification',
    description:
      'Reads copies back and compares them with the database. Responds when it has started. 409 if another verification is running, and for a run that has no copy.',
  })
  @ApiBody({ type: StartVerificationBody, required: false })
  @ApiResponse({
    status: 202,
    type: BackupVerificationView,
    description: 'The verification that was started.',
  })
  @ApiProblems(400, 404, 409, 413, 415)
  async startVerification(
    @CurrentUser() caller: Caller,
    @Body() { run_id }: StartVerificationBody,
  ): Promise<BackupVerificationView> {
    return BackupVerificationView.from(await this.vault.startVerification(caller, run_id));
  }
}

function cursorId(after: string): string {
  const [id] = decodeCursor(after, ['string']);
  if (typeof id === 'string' && isUuid(id)) return id;
  throw invalid([{ field: 'after', message: 'is not a cursor of this list' }]);
}
