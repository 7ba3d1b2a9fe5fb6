import { ApiProperty } from '@nestjs/swagger';
import { EMAIL_MAX } from '../../../auth/domain/credentials';
import { IsText } from '../../../platform/http/text.decorators';

/** The account whose password is forgotten. */
export class PasswordResetBody {
  @ApiProperty({ format: 'email', maxLength: EMAIL_MAX, example: 'ada@example.org' })
  @IsText(1, EMAIL_MAX)
  email!: string;
}

/** The same response for every address. */
export class PasswordResetRequestedView {
  @ApiProperty({ example: 'If there is an account with this address, a mail with a link follows.' })
  detail!: string;

  static make(): PasswordResetRequestedView {
    return { detail: 'If there is an account with this address, a mail with a link follows.' };
  }
}
