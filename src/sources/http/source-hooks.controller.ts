import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../../platform/access/access.decorators';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { RequestHeader } from '../../platform/http/request-header.decorator';
import { SyncRequestsService } from '../sync-requests.service';
import { ApiSourceId } from './source.openapi';
import { RequestedRunView } from './source.views';

const BEARER = /^Bearer +(\S+)$/i;

@ApiTags('Sources')
@Controller('hooks/sources')
export class SourceHooksController {
  constructor(private readonly requests: SyncRequestsService) {}

  @Post(':id')
  @HttpCode(202)
  @Public()
  @ApiOperation({
    summary: 'Tell that something has changed at the tool',
    operationId: 'callSourceHook',
    description:
      'For the events of tools. Reads the source now, at most once in 5 seconds; a call in between is answered with 202 too, and one run follows. The body is ignored.',
  })
  @ApiSourceId()
  @ApiHeader({
    name: 'Authorization',
    required: false,
    description: '`Bearer` and the hook token of the source.',
  })
  @ApiAcceptedResponse({ type: RequestedRunView, description: 'A run follows.' })
  @ApiProblems(401, 404, 409)
  async call(
    @Param('id') id: string,
    @RequestHeader('authorization') header?: string,
  ): Promise<RequestedRunView> {
    const token = header === undefined ? undefined : BEARER.exec(header)?.[1];
    return RequestedRunView.at(await this.requests.byHook(id, token));
  }
}
