import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentUser } from '../../../platform/access/access.decorators';
import type { RequestCaller } from '../../../platform/access/caller';
import { Permission } from '../../../platform/access/permission';
import { ApiProblems } from '../../../platform/http/api-problems.decorator';
import { SummariesService } from '../summaries.service';
import { SummaryBody, SummaryView } from './summaries.dto';

@ApiTags('Notifications')
@Controller('notifications/weekly-summary')
export class SummariesController {
  constructor(private readonly summaries: SummariesService) {}

  @Get()
  @Allow(Permission.Account)
  @ApiOperation({ summary: 'Get whether I get a weekly summary', operationId: 'getWeeklySummary' })
  @ApiOkResponse({ type: SummaryView })
  async find(@CurrentUser() caller: RequestCaller): Promise<SummaryView> {
    return SummaryView.from(await this.summaries.find(caller.key));
  }

  @Put()
  @Allow(Permission.AccountManage)
  @ApiOperation({
    summary: 'Switch my weekly summary on or off',
    operationId: 'setWeeklySummary',
    description:
      'Sent by mail on Monday at 6:00 UTC: how many versions there are, whether all are stored and verified, and what changed most. 422 if this installation sends no mail.',
  })
  @ApiOkResponse({ type: SummaryView })
  @ApiProblems(400, 413, 415, 422)
  async set(@CurrentUser() caller: RequestCaller, @Body() { enabled }: SummaryBody): Promise<SummaryView> {
    return SummaryView.from(await this.summaries.set(caller, enabled));
  }
}
