import { Body, Controller, Get, Header, HttpCode, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiExtraModels,
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
import { AccountsService, type Credentials } from '../accounts.service';
import { LoginBody, LoginForm, LoginJson, RegisterBody, TokenView, UserView } from './auth.dto';

@ApiTags('Auth')
@ApiExtraModels(LoginForm, LoginJson)
@Controller('auth')
export class AuthController {
  constructor(private readonly accounts: AccountsService) {}

  @Post('register')
  @Public()
  @ApiOperation({ summary: 'Make an account', operationId: 'register' })
  @ApiCreatedResponse({ type: UserView })
  @ApiProblems(400, 403, 409, 413, 415)
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
    description: 'Takes the form of the OAuth2 password grant, or JSON.',
  })
  @ApiBody({ required: true, schema: { $ref: getSchemaPath(LoginJson) } })
  @ApiOkResponse({ type: TokenView })
  @ApiProblems(400, 401, 413, 415)
  async login(@Body() body: LoginBody, @Origin() origin: RequestOrigin): Promise<TokenView> {
    return TokenView.from(await this.accounts.signIn(credentialsOf(body), origin));
  }

  @Get('me')
  @Allow(Permission.Account)
  @ApiOperation({ summary: 'My account', operationId: 'me' })
  @ApiOkResponse({ type: UserView })
  async me(@CurrentUser() caller: Caller): Promise<UserView> {
    return UserView.from(await this.accounts.find(caller.id));
  }
}

/** The pair, in whichever of the two forms it came. */
function credentialsOf({ email, username, password }: LoginBody): Credentials {
  const name = email ?? username;
  if (name === undefined) throw invalid([{ field: 'email', message: 'is missing (in a form: username)' }]);
  return { email: name, password };
}
