import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentUser } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { PushService } from '../push.service';
import { PushBody, PushPlanView, PushQuery, PushView, pushRequest } from './push.dto';

@ApiTags('Sources')
@ApiParam({ name: 'id', description: "The graph's UUID.", example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' })
@Controller('graphs/:id/push')
export class PushController {
  constructor(private readonly pushes: PushService) {}

  @Get()
  @Allow(Permission.GraphsWrite)
  @ApiOperation({
    summary: 'Show what pushing a version back to its tool would do',
    operationId: 'planPush',
    description: 'Reads the tool and changes nothing. Warns of what the push would lose.',
  })
  @ApiOkResponse({ type: PushPlanView })
  @ApiProblems(400, 404, 422)
  async plan(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Query() { version }: PushQuery,
  ): Promise<PushPlanView> {
    return PushPlanView.from(await this.pushes.plan(caller, id, version));
  }

  @Post()
  @HttpCode(200)
  @Allow(Permission.GraphsWrite)
  @ApiOperation({
    summary: 'Push a version back to the tool it came from',
    operationId: 'pushGraph',
    description:
      'Stores the present state of the tool first, so that the push can be undone, and reads the result back. 409 `drifted` if the tool has changed since it was read last.',
  })
  @ApiOkResponse({ type: PushView })
  @ApiProblems(400, 404, 409, 413, 415, 422)
  async push(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Body() body: PushBody,
  ): Promise<PushView> {
    return PushView.from(await this.pushes.push(caller, id, pushRequest(body)));
  }
}
