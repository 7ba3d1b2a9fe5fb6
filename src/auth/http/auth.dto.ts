import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, isEmail, registerDecorator } from 'class-validator';
import { ROLES, type Role } from '../../platform/access/permission';
import { toIso } from '../../platform/clock/instant';
import { IsText, IsOptionalNotNull } from '../../platform/http/text.decorators';
import { uuidText } from '../../platform/ids/uuid';
import { EMAIL_MAX, PASSWORD_MAX, PASSWORD_MIN } from '../domain/credentials';
import type { UserRow } from '../domain/user.entity';
import type { TokenPair } from '../tokens';
import { SESSION_PLACES, type SessionPlace } from './accounts.dto';

/** An e-mail address that can be one: well-formed Unicode (the library's check throws otherwise), and not too long. */
function IsAccountEmail(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isAccountEmail',
      target: target.constructor,
      propertyName: property as string,
      validator: {
        validate: (value: unknown) =>
          typeof value === 'string' && value.length <= EMAIL_MAX && value.isWellFormed() && isEmail(value),
        defaultMessage: () => `must be an e-mail address of at most ${EMAIL_MAX} characters`,
      },
    });
}

/** A new account. */
export class RegisterBody {
  @ApiProperty({ format: 'email', maxLength: EMAIL_MAX, example: 'ada@example.org' })
  @IsAccountEmail()
  email!: string;

  @ApiProperty({ minLength: PASSWORD_MIN, maxLength: PASSWORD_MAX, example: '<your password>' })
  @IsText(PASSWORD_MIN, PASSWORD_MAX)
  password!: string;
}

/** Sign-in, as JSON; for the OpenAPI document. */
export class LoginJson {
  @ApiProperty({ format: 'email', example: 'ada@example.org' })
  email!: string;

  @ApiProperty({ example: '<your password>' })
  password!: string;

  @ApiPropertyOptional({
    enum: SESSION_PLACES,
    description: 'For pages of this service: the refresh token comes in an HttpOnly cookie.',
  })
  session?: SessionPlace;
}

/** Sign-in, as the form of OAuth2's password grant (RFC 6749, 4.3.2), which Swagger UI sends; for the OpenAPI document. */
export class LoginForm {
  @ApiPropertyOptional({ enum: ['password'], example: 'password' })
  grant_type?: string;

  @ApiProperty({ description: 'The e-mail address.', example: 'ada@example.org' })
  username!: string;

  @ApiProperty({ example: '<your password>' })
  password!: string;
}

/** Sign-in in either form. What else OAuth2's form carries is accepted and not used. */
export class LoginBody {
  @IsOptionalNotNull()
  @IsText(1, EMAIL_MAX)
  email?: string;

  @IsOptionalNotNull()
  @IsText(1, EMAIL_MAX)
  username?: string;

  @IsText(1, 1_000)
  password!: string;

  @IsOptionalNotNull()
  @IsIn(SESSION_PLACES)
  session?: SessionPlace;

  @IsOptional()
  @IsIn(['password', ''])
  grant_type?: string;

  @IsOptional()
  scope?: string;

  @IsOptional()
  client_id?: string;

  @IsOptional()
  client_secret?: string;
}

/** A signed-in session. */
export class TokenView {
  @ApiProperty({
    description: 'Send it as `Authorization: Bearer …`.',
    example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwMTlh….…',
  })
  access_token!: string;

  @ApiProperty({ enum: ['bearer'], example: 'bearer' })
  token_type!: 'bearer';

  @ApiProperty({ description: 'Seconds until the access token ends.', example: 1800 })
  expires_in!: number;

  @ApiPropertyOptional({
    description: 'Good for one new pair, by `POST /auth/refresh`. Missing when it is in a cookie.',
    example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwMTlh….…',
  })
  refresh_token?: string;

  static from(pair: TokenPair): TokenView {
    return { ...TokenView.withoutRefreshToken(pair), refresh_token: pair.refreshToken };
  }

  static withoutRefreshToken({ accessToken, expiresIn }: TokenPair): TokenView {
    return { access_token: accessToken, token_type: 'bearer', expires_in: expiresIn };
  }
}

/** What a sign-in page offers. */
export class RegistrationView {
  @ApiProperty({ enum: ['open', 'closed'], example: 'open' })
  registration!: 'open' | 'closed';

  @ApiProperty({ description: 'False on a new installation, until the first account.', example: true })
  has_accounts!: boolean;

  @ApiProperty({
    description: 'Whether `POST /auth/password-reset` sends a link to set a new password.',
    example: true,
  })
  password_reset_mail!: boolean;
}

/** An account as its owner sees it. */
export class UserView {
  @ApiProperty({ format: 'uuid', example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' })
  id!: string;

  @ApiProperty({ format: 'email', example: 'ada@example.org' })
  email!: string;

  @ApiProperty({ enum: ROLES, example: 'user' })
  role!: Role;

  @ApiProperty({ example: true })
  is_active!: boolean;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:15:00.000Z' })
  created_at!: string;

  static from(user: UserRow): UserView {
    const { email, role } = user;
    return {
      id: uuidText(user.id),
      email,
      role,
      is_active: user.is_active === 1,
      created_at: toIso(user.created_at),
    };
  }
}
