import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Origin, Public } from '../../../platform/access/access.decorators';
import type { RequestOrigin } from '../../../platform/access/caller';
import { ApiProblems } from '../../../platform/http/api-problems.decorator';
import { PasswordMailsService } from '../password-mails.service';
import { PasswordResetBody, PasswordResetRequestedView } from './password-mails.dto';

@ApiTags('Auth')
@Controller('auth/password-reset')
export class PasswordMailsController {
  constructor(private readonly mails: PasswordMailsService) {}

  @Post()
  @HttpCode(202)
  @Public()
  @ApiOperation({
    summary: 'Request a link to set a new password',
    operationId: 'requestPasswordReset',
    description:
      'Sends a link by mail if the address belongs to an active account; the response is the same if not. The link works once, for 30 minutes. An account gets at most one link in 5 minutes. 422 if this installation sends no mail.',
  })
  @ApiAcceptedResponse({ type: PasswordResetRequestedView })
  @ApiProblems(400, 413, 415, 422, 429)
  async request(
    @Body() { email }: PasswordResetBody,
    @Origin() origin: RequestOrigin,
  ): Promise<PasswordResetRequestedView> {
    await this.mails.request(email, origin);
    return PasswordResetRequestedView.make();
  }
}
