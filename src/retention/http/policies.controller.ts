import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import {
  ApiBody,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Allow, CurrentUser } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { HeavyReads } from '../../platform/fairness/heavy-reads';
import type { Answer } from '../../platform/http/answer';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { PoliciesService } from '../policies.service';
import { PreviewService } from '../preview.service';
import {
  AccountPreviewView,
  GraphPreviewView,
  PolicyBody,
  PolicyView,
  PreviewBody,
  policyPart,
} from './policy.dto';
import { previewAnswer } from './preview-stream';

const ApiGraphId = () =>
  ApiParam({ name: 'id', description: "The graph's UUID.", example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' });
const REPLACES =
  'Replaces what this level says: fields that are left out or null are inherited from the level above.';
const NOTHING_CHANGES =
  'Shows for each version whether it is kept, and by which rules. Changes nothing. A candidate replaces the policy of this level.';

@ApiTags('Policies')
@Controller()
export class PoliciesController {
  constructor(
    private readonly policies: PoliciesService,
    private readonly previews: PreviewService,
    private readonly heavy: HeavyReads,
  ) {}

  @Get('backup-policy')
  @Allow(Permission.GraphsRead)
  @ApiOperation({ summary: 'What is kept of my graphs', operationId: 'getPolicy' })
  @ApiOkResponse({ type: PolicyView })
  async get(@CurrentUser() caller: Caller): Promise<PolicyView> {
    return PolicyView.from(await this.policies.ofUser(caller.key));
  }

  @Put('backup-policy')
  @Allow(Permission.GraphsRetention)
  @ApiOperation({ summary: 'Say what is kept of my graphs', operationId: 'putPolicy', description: REPLACES })
  @ApiBody({ type: PolicyBody })
  @ApiOkResponse({ type: PolicyView })
  @ApiProblems(400, 413, 415)
  async put(@CurrentUser() caller: Caller, @Body() body: PolicyBody): Promise<PolicyView> {
    return PolicyView.from(await this.policies.putForUser(caller, policyPart(body)));
  }

  @Delete('backup-policy')
  @HttpCode(204)
  @Allow(Permission.GraphsRetention)
  @ApiOperation({ summary: "Go back to the instance's default", operationId: 'deletePolicy' })
  @ApiNoContentResponse({ description: 'Everything is inherited.' })
  remove(@CurrentUser() caller: Caller): Promise<void> {
    return this.policies.removeForUser(caller);
  }

  @Post('backup-policy/preview')
  @HttpCode(200)
  @Allow(Permission.GraphsRead)
  @ApiOperation({
    summary: 'What a policy would remove of my graphs',
    operationId: 'previewPolicy',
    description: NOTHING_CHANGES,
  })
  @ApiBody({ type: PreviewBody })
  @ApiOkResponse({ type: AccountPreviewView })
  @ApiProblems(400, 413, 415, 429)
  async preview(@CurrentUser() caller: Caller, @Body() { policy }: PreviewBody): Promise<Answer> {
    const preview = await this.previews.ofAccount(caller, policy ? policyPart(policy) : null);
    return previewAnswer(preview, this.heavy, caller.id);
  }

  @Get('graphs/:id/backup-policy')
  @Allow(Permission.GraphsRead)
  @ApiOperation({ summary: 'What is kept of a graph', operationId: 'getGraphPolicy' })
  @ApiGraphId()
  @ApiOkResponse({ type: PolicyView })
  @ApiProblems(404)
  async getForGraph(@CurrentUser() caller: Caller, @Param('id') id: string): Promise<PolicyView> {
    return PolicyView.from(await this.policies.ofGraph(caller, id));
  }

  @Put('graphs/:id/backup-policy')
  @Allow(Permission.GraphsRetention)
  @ApiOperation({
    summary: 'Say what is kept of a graph',
    operationId: 'putGraphPolicy',
    description: REPLACES,
  })
  @ApiGraphId()
  @ApiBody({ type: PolicyBody })
  @ApiOkResponse({ type: PolicyView })
  @ApiProblems(400, 404, 413, 415)
  async putForGraph(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Body() body: PolicyBody,
  ): Promise<PolicyView> {
    return PolicyView.from(await this.policies.putForGraph(caller, id, policyPart(body)));
  }

  @Delete('graphs/:id/backup-policy')
  @HttpCode(204)
  @Allow(Permission.GraphsRetention)
  @ApiOperation({ summary: 'Let a graph inherit everything again', operationId: 'deleteGraphPolicy' })
  @ApiGraphId()
  @ApiNoContentResponse({ description: 'Everything is inherited.' })
  @ApiProblems(404)
  removeForGraph(@CurrentUser() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.policies.removeForGraph(caller, id);
  }

  @Post('graphs/:id/backup-policy/preview')
  @HttpCode(200)
  @Allow(Permission.GraphsRead)
  @ApiOperation({
    summary: 'What a policy would remove of a graph',
    operationId: 'previewGraphPolicy',
    description: NOTHING_CHANGES,
  })
  @ApiGraphId()
  @ApiBody({ type: PreviewBody })
  @ApiOkResponse({ type: GraphPreviewView })
  @ApiProblems(400, 404, 413, 415, 429)
  previewForGraph(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Body() { policy }: PreviewBody,
  ): Promise<GraphPreviewView> {
    return this.heavy.run(caller.id, async () =>
      GraphPreviewView.of(await this.previews.ofGraph(caller, id, policy ? policyPart(policy) : null)),
    );
  }
}
