import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AuditModule } from '../../audit/audit.module';
import { BackupsModule } from '../../backups/backups.module';
import { DiskHealth } from '../../platform/health/disk.health';
import { RetentionModule } from '../../retention/retention.module';
import { SourcesModule } from '../../sources/sources.module';
import { MailModule } from '../mail/mail.module';
import { NotificationsModule } from '../notifications.module';
import { AlertMailWriter } from './alert-mail.writer';
import { AlertMessages } from './alert-messages';
import { AlertsMetrics } from './alerts-metrics';
import { AlertsJob } from './alerts.job';
import { AlertsService } from './alerts.service';
import { AlertsStore } from './alerts.store';
import { ConditionChecks } from './condition-checks';

/** Messages to operators about the state of the installation. */
@Module({
  imports: [
    AuditModule,
    BackupsModule,
    RetentionModule,
    SourcesModule,
    MailModule,
    NotificationsModule,
    TerminusModule.forRoot({ logger: false }),
  ],
  providers: [
    AlertsService,
    AlertsJob,
    AlertsStore,
    AlertsMetrics,
    AlertMessages,
    AlertMailWriter,
    ConditionChecks,
    DiskHealth,
  ],
})
export class AlertsModule {}
