import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { AuditModule } from '../audit/audit.module';
import { AccountAddresses } from './account-addresses';
import { AccountCreationService } from './account-creation.service';
import { AccountKeys } from './account-keys';
import { AccountsService } from './accounts.service';
import { ApiTokensService } from './api-tokens.service';
import { AuthMetrics } from './auth-metrics';
import { DeletedAccountsService } from './deleted-accounts.service';
import { AuthenticationGuard } from './guards/authentication.guard';
import { PermissionsGuard } from './guards/permissions.guard';
import { ThrottleGuard } from './guards/throttle.guard';
import { HousekeepingJob } from './housekeeping.job';
import { ApiTokensController } from './http/api-tokens.controller';
import { AuthController } from './http/auth.controller';
import { SessionCookies } from './http/session-cookies';
import { UsersController } from './http/users.controller';
import { OwnPasswordService } from './own-password.service';
import { PasswordChangesService } from './password-changes.service';
import { PasswordLinksService } from './password-links.service';
import { PasswordResetsService } from './password-resets.service';
import { PasswordResetsStore } from './password-resets.store';
import { PasswordCost, Passwords } from './passwords';
import { SigningKeys, TOKEN_ALGORITHM, TOKEN_ISSUER } from './signing-key';
import { RegistrationThrottle } from './registration-throttle';
import { RefusedAttempts } from './refused-attempts';
import { SecurityEvents } from './security-events';
import { OwnSessionsService } from './own-sessions.service';
import { SessionsController } from './http/sessions.controller';
import { SessionsService } from './sessions.service';
import { SessionsStore } from './sessions.store';
import { SignInService } from './sign-in.service';
import { SignInThrottle } from './sign-in-throttle';
import { ApiTokenStrategy } from './strategies/api-token.strategy';
import { JwtStrategy } from './strategies/jwt.strategy';
import { Tokens } from './tokens';
import { UsersService } from './users.service';
import { UsersStore } from './users.store';

/** Accounts, sign-in, and the guards in front of every route. */
@Module({})
export class AuthModule {
  static with(signingKeys: SigningKeys, passwordCost = new PasswordCost()): DynamicModule {
    const jwt = JwtModule.register({
      // Signing gives the claims, verifying the token itself, whose header names its key.
      secretOrKeyProvider: (_type, token) =>
        typeof token === 'string' ? signingKeys.forToken(token) : signingKeys.current,
      signOptions: { algorithm: TOKEN_ALGORITHM, issuer: TOKEN_ISSUER, keyid: signingKeys.currentId },
    });
    return {
      module: AuthModule,
      // Made with arguments, so features can't import it by its class.
      global: true,
      imports: [AuditModule, jwt],
      controllers: [AuthController, SessionsController, ApiTokensController, UsersController],
      providers: [
        { provide: SigningKeys, useValue: signingKeys },
        AccountsService,
        AccountAddresses,
        AccountCreationService,
        SignInService,
        SessionsService,
        OwnSessionsService,
        SignInThrottle,
        ApiTokensService,
        UsersService,
        AccountKeys,
        RefusedAttempts,
        SecurityEvents,
        AuthMetrics,
        HousekeepingJob,
        DeletedAccountsService,
        { provide: PasswordCost, useValue: passwordCost },
        Passwords,
        PasswordChangesService,
        OwnPasswordService,
        RegistrationThrottle,
        PasswordLinksService,
        PasswordResetsService,
        PasswordResetsStore,
        Tokens,
        UsersStore,
        SessionsStore,
        SessionCookies,
        ApiTokenStrategy,
        JwtStrategy,
        // Global guards run in this order: who is calling, how often, and whether the role allows it.
        { provide: APP_GUARD, useClass: AuthenticationGuard },
        { provide: APP_GUARD, useClass: ThrottleGuard },
        { provide: APP_GUARD, useClass: PermissionsGuard },
      ],
      exports: [AccountsService, AccountAddresses, PasswordLinksService, SecurityEvents, SignInThrottle],
    };
  }
}

/** What the tools need of accounts: no routes, no guards, no signing key. */
@Module({
  imports: [AuditModule],
  providers: [
    AccountsService,
    AccountCreationService,
    UsersStore,
    RefusedAttempts,
    SecurityEvents,
    AuthMetrics,
    { provide: PasswordCost, useValue: new PasswordCost() },
    Passwords,
    RegistrationThrottle,
    PasswordResetsStore,
    PasswordLinksService,
  ],
  exports: [AccountsService, PasswordLinksService],
})
export class AccountToolsModule {}
