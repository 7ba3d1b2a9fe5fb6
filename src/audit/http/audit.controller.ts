import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Allow, CurrentUser } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { Answer } from '../../platform/http/answer';
import { HeavyReads } from '../../platform/fairness/heavy-reads';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { PAGE_HEADERS, decodeCursor, listAnswer } from '../../platform/http/pagination';
import { AuditLogService } from '../audit-log.service';
import { SealVerificationService } from '../seal-verification.service';
import { AuditEventView, AuditQuery, VerificationView } from './audit.views';

@ApiTags('Audit')
@Controller('audit')
export class AuditController {
  constructor(
    private readonly log: AuditLogService,
    private readonly seals: SealVerificationService,
    private readonly heavy: HeavyReads,
  ) {}

  @Get()
  @Allow(Permission.Account)
  @ApiOperation({
    summary: 'List the events of the audit log, newest first',
    operationId: 'listAudit',
    description:
      'Returns events about your own data. Administrators get all events, or those of one account by `user_id`.',
  })
  @ApiOkResponse({ type: [AuditEventView], headers: PAGE_HEADERS })
  @ApiProblems(400, 429)
  async list(
    @CurrentUser() caller: Caller,
    @Query() query: AuditQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<AuditEventView[]>> {
    const before = query.after === undefined ? null : Number(decodeCursor(query.after, ['number'])[0]);
    const { action, graph_id: graphId, user_id: userId, fromTime: from, toTime: to, limit, skip } = query;
    const filter = { action, graphId, userId, from, to, limit, skip, before };
    const page = await this.heavy.run(caller.id, () => this.log.list(caller, filter));
    return listAnswer(page, request.url, (event) => AuditEventView.from(event));
  }

  @Get('verification')
  @Allow(Permission.Administer)
  @ApiOperation({
    summary: 'Verify the seals of the audit log',
    operationId: 'verifyAudit',
    description:
      'Recomputes every seal and names the first changed event. With many events this takes seconds. Events after the last seal, at most one minute, are not covered.',
  })
  @ApiOkResponse({ type: VerificationView })
  async verify(): Promise<VerificationView> {
    return VerificationView.from(await this.seals.run());
  }
}
