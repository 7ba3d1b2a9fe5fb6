import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { AuditModule } from '../audit/audit.module';
import { AccessGuard } from './access.guard';
import { AccountsService } from './accounts.service';
import { AuthController } from './http/auth.controller';
import { Passwords } from './passwords';
import { SigningKeys, TOKEN_ALGORITHM, TOKEN_ISSUER } from './signing-key';
import { Tokens } from './tokens';
import { UsersStore } from './users.store';

/** Accounts, sign-in, and the guard in front of every route. */
@Module({})
export class AuthModule {
  static with(signingKeys: SigningKeys): DynamicModule {
    const jwt = JwtModule.register({
      // Signing gives the claims, verifying the token itself, whose header names its key.
      secretOrKeyProvider: (_type, token) =>
        typeof token === 'string' ? signingKeys.forToken(token) : signingKeys.current,
      signOptions: { algorithm: TOKEN_ALGORITHM, issuer: TOKEN_ISSUER, keyid: signingKeys.currentId },
    });
    return {
      module: AuthModule,
      imports: [AuditModule, jwt],
      controllers: [AuthController],
      providers: [
        { provide: SigningKeys, useValue: signingKeys },
        AccountsService,
        Passwords,
        Tokens,
        UsersStore,
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
      exports: [AccountsService],
    };
  }
}
