import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
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
import { AccountsService } from '../accounts.service';
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
  @Public()
  @ApiOperation({
    summary: 'Sign in',
    operationId: 'login',
    description: 'Takes the form of the OAuth2 password grant, or JSON.',
  })
  @ApiBody({ required: true, schema: { $ref: getSchemaPath(LoginJson) } })
  @ApiOkResponse({ type: TokenView })
  @ApiProblems(400, 401, 413, 415)
  async login(
    @Body() { email, username, password }: LoginBody,
    @Origin() origin: RequestOrigin,
  ): Promise<TokenView> {
    return TokenView.from(await this.accounts.signIn({ email: email ?? username ?? '', password }, origin));
  }

  @Get('me')
  @Allow(Permission.Account)
  @ApiOperation({ summary: 'My account', operationId: 'me' })
  @ApiOkResponse({ type: UserView })
  async me(@CurrentUser() caller: Caller): Promise<UserView> {
    return UserView.from(await this.accounts.find(caller.id));
  }
}
