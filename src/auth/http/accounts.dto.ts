import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
} from 'class-validator';
import { ROLES, type Role } from '../../platform/access/permission';
import { parseInstant, toIso, toIsoOrNull } from '../../platform/clock/instant';
import { IsInstant, IsOptionalNotNull, IsText } from '../../platform/http/text.decorators';
import type { ApiToken } from '../api-tokens.service';
import { API_TOKEN_PREFIX } from '../api-token';
import { PASSWORD_MAX, PASSWORD_MIN } from '../domain/credentials';
import type { PasswordLink } from '../password-links.service';
import { SCOPES, type Scope } from '../domain/scopes';

const REFRESH_TOKEN_MAX = 2_000;
const NAME_MAX = 100;

/** Where a session's refresh token can be, other than in bodies. */
export const SESSION_PLACES = ['cookie'] as const;
export type SessionPlace = (typeof SESSION_PLACES)[number];

/** The refresh token of a session to refresh or end: in the body, or in the cookie. */
export class RefreshBody {
  @ApiPropertyOptional({ example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwMTlh….…' })
  @IsOptionalNotNull()
  @IsText(1, REFRESH_TOKEN_MAX)
  refresh_token?: string;

  @ApiPropertyOptional({
    enum: SESSION_PLACES,
    description: 'The refresh token is in the cookie that signing in with `session: "cookie"` set.',
  })
  @IsOptionalNotNull()
  @IsIn(SESSION_PLACES)
  session?: SessionPlace;
}

/** A new password for the caller's account. */
export class PasswordBody {
  // Swagger UI fills the form with the examples: they must not be the password of the README.
  @ApiProperty({ example: '<your current password>' })
  @IsText(1, 1_000)
  current_password!: string;

  @ApiProperty({ minLength: PASSWORD_MIN, maxLength: PASSWORD_MAX, example: '<your new password>' })
  @IsText(PASSWORD_MIN, PASSWORD_MAX)
  new_password!: string;
}

/** A new password with the token of a link. */
export class ConfirmPasswordResetBody {
  @ApiProperty({ description: 'What follows `token=` in the link.', example: 'AZqePH0Qezqc…' })
  @IsText(1, 200)
  token!: string;

  @ApiProperty({ minLength: PASSWORD_MIN, maxLength: PASSWORD_MAX, example: '<your new password>' })
  @IsText(PASSWORD_MIN, PASSWORD_MAX)
  new_password!: string;
}

/** A one-time link for a forgotten password. */
export class PasswordLinkView {
  @ApiProperty({
    description: 'Give it to the user over a channel that you trust. It is shown only once.',
    example: 'https://backup.example.org/#/password-reset?token=AZqePH0Qezqc…',
  })
  link!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:45:00.000Z' })
  expires_at!: string;

  static from({ link, expiresAt }: PasswordLink): PasswordLinkView {
    return { link, expires_at: toIso(expiresAt) };
  }
}

/** A new API token. */
export class CreateApiTokenBody {
  @ApiProperty({ minLength: 1, maxLength: NAME_MAX, example: 'nightly export' })
  @IsText(1, NAME_MAX)
  name!: string;

  @ApiProperty({
    enum: SCOPES,
    isArray: true,
    description: '`append` for tools that only send, `write` also deletes and restores, `read` reads.',
    example: ['append'],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(SCOPES.length)
  @ArrayUnique()
  @IsIn(SCOPES, { each: true })
  scopes!: Scope[];

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When it expires. Without it, the token is valid until it is revoked.',
    example: '2099-01-01T00:00:00.000Z',
  })
  @IsOptional()
  @IsInstant()
  expires_at?: string | null;

  get expiresAt(): number | null {
    return typeof this.expires_at === 'string' ? parseInstant(this.expires_at) : null;
  }
}

/** An API token, without its secret. */
export class ApiTokenView {
  @ApiProperty({ format: 'uuid', example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' })
  id!: string;

  @ApiProperty({ example: 'nightly export' })
  name!: string;

  @ApiProperty({ enum: SCOPES, isArray: true, example: ['read'] })
  scopes!: Scope[];

  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:15:00.000Z' })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  expires_at!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'To the minute.',
    example: '2026-11-23T09:15:00.000Z',
  })
  last_used_at!: string | null;

  static from({ id, name, scopes, createdAt, expiresAt, lastUsedAt }: ApiToken): ApiTokenView {
    return {
      id,
      name,
      scopes: [...scopes],
      created_at: toIso(createdAt),
      expires_at: toIsoOrNull(expiresAt),
      last_used_at: toIsoOrNull(lastUsedAt),
    };
  }
}

/** A new API token, with its secret. */
export class NewApiTokenView extends ApiTokenView {
  @ApiProperty({
    description: 'Send it as `Authorization: Bearer …`. It is shown only once.',
    example: `${API_TOKEN_PREFIX}AZqePH0Qezqc…`,
  })
  token!: string;
}

/** What an administrator can change of an account; fields that are missing stay as they are. */
export class ChangeUserBody {
  @ApiPropertyOptional({ enum: ROLES, example: 'operator' })
  @IsOptionalNotNull()
  @IsIn(ROLES)
  role?: Role;

  @ApiPropertyOptional({
    description: 'False: the account is disabled. Takes effect with its next request.',
    example: true,
  })
  @IsOptionalNotNull()
  @IsBoolean()
  is_active?: boolean;
}
