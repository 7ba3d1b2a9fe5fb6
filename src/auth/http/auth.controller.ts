import { Body, Controller, Get, Header, HttpCode, Post, Put } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiExtraModels,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { Allow, CurrentUser, Origin, Public } from '../../platform/access/access.decorators';
import type { Caller, RequestOrigin } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { invalid } from '../../platform/errors/app-error';
import type { Credentials } from '../account-creation.service';
import { AccountsService } from '../accounts.service';
import { OwnPasswordService } from '../own-password.service';
import { PasswordResetsService } from '../password-resets.service';
import { SessionsService } from '../sessions.service';
import { SignInService } from '../sign-in.service';
import { ConfirmPasswordResetBody, PasswordBody, RefreshBody } from './accounts.dto';
import { LoginBody, LoginForm, LoginJson, RegisterBody, TokenView, UserView } from './auth.dto';

@ApiTags('Auth')
@ApiExtraModels(LoginForm, LoginJson)
@Controller('auth')
export class AuthController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly signIns: SignInService,
    private readonly sessions: SessionsService,
    private readonly passwords: OwnPasswordService,
    private readonly resets: PasswordResetsService,
  ) {}

  @Post('register')
  @Public()
  @ApiOperation({ summary: 'Create an account', operationId: 'register' })
  @ApiCreatedResponse({ type: UserView })
  @ApiProblems(400, 403, 409, 413, 415, 429)
  async register(@Body() body: RegisterBody, @Origin() origin: RequestOrigin): Promise<UserView> {
    return UserView.from(await this.accounts.register(body, origin));
  }

  @Post('login')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Public()
  @ApiOperation({
    summary: 'Sign in',
    operationId: 'login',
    description: 'Accepts the form of the OAuth2 password grant, or JSON.',
  })
  @ApiBody({ required: true, schema: { $ref: getSchemaPath(LoginJson) } })
  @ApiOkResponse({ type: TokenView })
  @ApiProblems(400, 401, 413, 415, 429)
  async login(@Body() body: LoginBody, @Origin() origin: RequestOrigin): Promise<TokenView> {
    return TokenView.from(await this.signIns.signIn(credentialsOf(body), origin));
  }

  @Post('refresh')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Public()
  @ApiOperation({
    summary: 'Exchange a refresh token for new tokens',
    operationId: 'refresh',
    description: 'A refresh token works once. If it is used a second time, the whole session ends.',
  })
  @ApiOkResponse({ type: TokenView })
  @ApiProblems(400, 401, 413, 415, 429)
  async refresh(@Body() { refresh_token }: RefreshBody, @Origin() origin: RequestOrigin): Promise<TokenView> {
    return TokenView.from(await this.sessions.refresh(refresh_token, origin));
  }

  @Post('logout')
  @HttpCode(204)
  @Public()
  @ApiOperation({
    summary: 'End a session',
    operationId: 'logout',
    description: 'The access tokens of the session end with it.',
  })
  @ApiNoContentResponse({ description: 'The session is ended.' })
  @ApiProblems(400, 413, 415, 429)
  logout(@Body() { refresh_token }: RefreshBody, @Origin() origin: RequestOrigin): Promise<void> {
    return this.sessions.signOut(refresh_token, origin);
  }

  @Put('password')
  @HttpCode(204)
  @Allow(Permission.AccountManage)
  @ApiOperation({
    summary: 'Change my password',
    operationId: 'changePassword',
    description: 'Ends every session of the account, including this one. API tokens stay valid.',
  })
  @ApiNoContentResponse({ description: 'The password is changed and all sessions are ended. Sign in again.' })
  @ApiProblems(400, 409, 413, 415, 429)
  changePassword(@CurrentUser() caller: Caller, @Body() body: PasswordBody): Promise<void> {
    return this.passwords.change(caller, body.current_password, body.new_password);
  }

  @Post('password-reset/confirm')
  @HttpCode(204)
  @Public()
  @ApiOperation({
    summary: 'Set a new password with a one-time link',
    operationId: 'confirmPasswordReset',
    description:
      'The link works once, for 30 minutes. Ends every session of the account. API tokens stay valid.',
  })
  @ApiNoContentResponse({ description: 'The password is set and all sessions are ended. Sign in.' })
  @ApiProblems(400, 409, 413, 415, 422, 429)
  confirmPasswordReset(
    @Body() { token, new_password }: ConfirmPasswordResetBody,
    @Origin() origin: RequestOrigin,
  ): Promise<void> {
    return this.resets.confirm(token, new_password, origin);
  }

  @Get('me')
  @Allow(Permission.Account)
  @ApiOperation({ summary: 'Get my account', operationId: 'me' })
  @ApiOkResponse({ type: UserView })
  async me(@CurrentUser() caller: Caller): Promise<UserView> {
    return UserView.from(await this.accounts.find(caller.id));
  }
}

/** The credentials, from the form or from JSON. */
function credentialsOf({ email, username, password }: LoginBody): Credentials {
  const name = email ?? username;
  if (name === undefined) throw invalid([{ field: 'email', message: 'is missing (in a form: username)' }]);
  return { email: name, password };
}
