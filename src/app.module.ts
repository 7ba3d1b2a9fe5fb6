import { Module, type DynamicModule } from '@nestjs/common';
import { ArchivesModule } from './archives/archives.module';
import { AuthModule } from './auth/auth.module';
import { type PasswordCost } from './auth/passwords';
import { SigningKeys } from './auth/signing-key';
import { ConsoleModule } from './console/console.module';
import { DiffModule } from './diff/diff.module';
import { GraphsModule } from './graphs/graphs.module';
import { AlertsModule } from './notifications/alerts/alerts.module';
import { MailModule } from './notifications/mail/mail.module';
import { SummariesModule } from './notifications/summaries/summaries.module';
import { MonitoringModule } from './monitoring/monitoring.module';
import { RecoveryModule } from './recovery/recovery.module';
import { SourcesModule } from './sources/sources.module';
import { RetentionModule } from './retention/retention.module';
import { NotificationsModule } from './notifications/notifications.module';
import { PlatformModule, type PlatformParts } from './platform/platform.module';

/** The parts that the service starts with. */
export interface AppParts extends PlatformParts {
  signingKeys: SigningKeys;
  /** Defaults to the production cost. */
  passwordCost?: PasswordCost;
}

/** The whole service: the features and the platform. */
@Module({})
export class AppModule {
  static with({ signingKeys, passwordCost, ...parts }: AppParts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.with(parts),
        AuthModule.with(signingKeys, passwordCost),
        GraphsModule,
        DiffModule,
        RecoveryModule,
        RetentionModule,
        ArchivesModule,
        SourcesModule,
        NotificationsModule,
        MailModule,
        AlertsModule,
        SummariesModule,
        MonitoringModule,
        ConsoleModule,
      ],
    };
  }
}
