import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentUser } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { GraphChangesService } from '../graph-changes.service';
import { ChangeCountView, ChangesQuery } from './changes.views';

@ApiTags('Graphs')
@Controller('graphs/changes')
export class ChangesController {
  constructor(private readonly changes: GraphChangesService) {}

  @Get()
  @Allow(Permission.GraphsRead)
  @ApiOperation({
    summary: 'Count the changes of all graphs by day or hour',
    operationId: 'countChanges',
    description:
      'Every change that made a version counts, also of graphs that were purged and of versions that were pruned, as far back as the audit log is kept. Spans without a change are left out; at most 1,000 spans.',
  })
  @ApiOkResponse({ type: [ChangeCountView] })
  @ApiProblems(400, 429, 503)
  async count(
    @CurrentUser() caller: Caller,
    @Query() { fromTime: from, toTime: to, by }: ChangesQuery,
  ): Promise<ChangeCountView[]> {
    const counts = await this.changes.count(caller, { from, to, by });
    return counts.map((count) => ChangeCountView.from(count));
  }
}
