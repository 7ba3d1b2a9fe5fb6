import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentUser } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { HeavyReads } from '../../platform/fairness/heavy-reads';
import { JsonText } from '../../platform/http/answer';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import type { Recovery } from '../domain/recovery';
import { RecoveryService } from '../recovery.service';
import { recoveryRequest } from './recovery-input';
import { RecoveryBody, RecoveryView } from './recovery.dto';

@ApiTags('Recovery')
@Controller('recovery')
export class RecoveryController {
  constructor(
    private readonly recovery: RecoveryService,
    private readonly heavy: HeavyReads,
  ) {}

  @Post()
  @HttpCode(200)
  @Allow(Permission.GraphsWrite)
  @ApiOperation({
    summary: 'Restore the whole account to a point in time',
    operationId: 'recoverAccount',
    description:
      'Returns a preview unless `dry_run` is false. All graphs are restored, or none. The state before the recovery stays in the history of each graph.',
  })
  @ApiBody({
    type: RecoveryBody,
    examples: {
      preview: { summary: 'Preview', value: { at: '2026-11-23T09:15:00.000Z', dry_run: true } },
      recovery: { summary: 'Do it', value: { at: '2026-11-23T09:15:00.000Z', dry_run: false } },
    },
  })
  @ApiOkResponse({ type: RecoveryView })
  @ApiProblems(400, 409, 413, 415, 422, 429)
  async recover(@CurrentUser() caller: Caller, @Body() body: RecoveryBody): Promise<JsonText> {
    const end = this.heavy.beginStream(caller.id);
    try {
      const recovered = await this.recovery.run(caller, recoveryRequest(body));
      // An account may have many thousands of graphs, so their text is a heavy read too.
      return await this.heavy.inTurn(caller.id, () => Promise.resolve(textOf(recovered)));
    } finally {
      end();
    }
  }
}

function textOf(recovered: Recovery): JsonText {
  return new JsonText(Buffer.from(JSON.stringify(RecoveryView.from(recovered))));
}
