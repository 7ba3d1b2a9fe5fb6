import { Body, Controller, Get, Header, HttpCode, Post, Put, Req, Res } from '@nestjs/common';
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
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Allow, CurrentUser, Origin, Public } from '../../platform/access/access.decorators';
import type { Caller, RequestCaller, RequestOrigin } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { AppError, invalid } from '../../platform/errors/app-error';
import type { Credentials } from '../account-creation.service';
import { AccountsService } from '../accounts.service';
import { OwnPasswordService } from '../own-password.service';
import { PasswordResetsService } from '../password-resets.service';
import { SessionsService } from '../sessions.service';
import { SignInService } from '../sign-in.service';
import type { TokenPair } from '../tokens';
import { ConfirmPasswordResetBody, PasswordBody, RefreshBody } from './accounts.dto';
import {
  LoginBody,
  LoginForm,
  LoginJson,
  RegisterBody,
  RegistrationView,
  TokenView,
  UserView,
} from './auth.dto';
import { SessionCookies } from './session-cookies';

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
    private readonly cookies: SessionCookies,
  ) {}

  @Get('registration')
  @Public()
  @ApiOperation({
    summary: 'Get the state of registration',
    operationId: 'getRegistration',
    description: 'Whether you can register, and whether there is an account yet: what a sign-in page needs.',
  })
  @ApiOkResponse({ type: RegistrationView })
  @ApiProblems(429)
  registration(): Promise<RegistrationView> {
    return this.accounts.registration();
  }

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
    description:
      'Accepts the form of the OAuth2 password grant, or JSON. A page of this service sends `session: "cookie"`, and the refresh token comes in a cookie that no script can read instead of the response; 403 for a page of another site.',
  })
  @ApiBody({ required: true, schema: { $ref: getSchemaPath(LoginJson) } })
  @ApiOkResponse({ type: TokenView })
  @ApiProblems(400, 401, 403, 413, 415, 429)
  async login(
    @Body() body: LoginBody,
    @Origin() origin: RequestOrigin,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenView> {
    if (body.session !== 'cookie')
      return TokenView.from(await this.signIns.signIn(credentialsOf(body), origin));
    this.cookies.requireOwnPage(request);
    return this.inCookie(await this.signIns.signIn(credentialsOf(body), origin), request, reply);
  }

  @Post('refresh')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Public()
  @ApiOperation({
    summary: 'Exchange a refresh token for new tokens',
    operationId: 'refresh',
    description:
      'A refresh token works once. If it is used a second time, the whole session ends. With `session: "cookie"` it is taken from the cookie; a page that was loaded twice at once may use it again for 10 seconds.',
  })
  @ApiOkResponse({ type: TokenView })
  @ApiProblems(400, 401, 403, 413, 415, 429)
  async refresh(
    @Body() body: RefreshBody,
    @Origin() origin: RequestOrigin,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenView> {
    const given = sessionOf(body);
    if (given !== 'cookie') return TokenView.from(await this.sessions.refresh(given, origin));
    const token = this.cookies.read(request) ?? '';
    try {
      return this.inCookie(await this.sessions.refreshInBrowser(token, origin), request, reply);
    } catch (error) {
      if (error instanceof AppError && error.kind === 'unauthenticated') this.cookies.clear(request, reply);
      throw error;
    }
  }

  @Post('logout')
  @HttpCode(204)
  @Public()
  @ApiOperation({
    summary: 'End a session',
    operationId: 'logout',
    description:
      'The access tokens of the session end with it. With `session: "cookie"` it is the session of the cookie.',
  })
  @ApiNoContentResponse({ description: 'The session is ended.' })
  @ApiProblems(400, 403, 413, 415, 429)
  logout(
    @Body() body: RefreshBody,
    @Origin() origin: RequestOrigin,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const given = sessionOf(body);
    if (given !== 'cookie') return this.sessions.signOut(given, origin);
    const token = this.cookies.read(request) ?? '';
    this.cookies.clear(request, reply);
    return this.sessions.signOut(token, origin);
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
  changePassword(@CurrentUser() caller: RequestCaller, @Body() body: PasswordBody): Promise<void> {
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

  private inCookie(pair: TokenPair, request: FastifyRequest, reply: FastifyReply): TokenView {
    this.cookies.keep(request, reply, pair.refreshToken);
    return TokenView.withoutRefreshToken(pair);
  }
}

/** The refresh token of a body, or `cookie`: it is in the cookie. */
function sessionOf({ refresh_token, session }: RefreshBody): string {
  const given = refresh_token ?? session;
  if (given === undefined)
    throw invalid([{ field: 'refresh_token', message: 'is missing (with a cookie: "session": "cookie")' }]);
  return given;
}

/** The credentials, from the form or from JSON. */
function credentialsOf({ email, username, password }: LoginBody): Credentials {
  const name = email ?? username;
  if (name === undefined) throw invalid([{ field: 'email', message: 'is missing (in a form: username)' }]);
  return { email: name, password };
}
