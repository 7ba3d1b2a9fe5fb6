import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AuditModule } from '../audit/audit.module';
import { BackupsModule } from '../backups/backups.module';
import { MailModule } from '../notifications/mail/mail.module';
import { NotificationsModule } from '../notifications/notifications.module';
import { DatabaseHealth } from '../platform/database/database.health';
import { DiskHealth } from '../platform/health/disk.health';
import { DiskMetrics } from '../platform/health/disk.metrics';
import { PlatformHealth } from '../platform/health/platform.health';
import { ProcessHealth } from '../platform/health/process.health';
import { RetentionModule } from '../retention/retention.module';
import { SourcesModule } from '../sources/sources.module';
import { UsageModule } from '../usage/usage.module';
import { FeaturesHealth } from './features.health';
import { NotificationsHealth } from './notifications.health';
import { HealthService } from './health.service';
import { StorageService } from './storage.service';
import { LogLevelService } from './log-level.service';
import { HealthController } from './http/health.controller';
import { MetricsController } from './http/metrics.controller';
import { MonitoringController } from './http/monitoring.controller';

/** Health and metrics for people, load balancers and Prometheus. */
@Module({
  imports: [
    AuditModule,
    UsageModule,
    BackupsModule,
    RetentionModule,
    SourcesModule,
    MailModule,
    NotificationsModule,
    TerminusModule.forRoot({ logger: false }),
  ],
  controllers: [HealthController, MetricsController, MonitoringController],
  providers: [
    DatabaseHealth,
    DiskHealth,
    DiskMetrics,
    ProcessHealth,
    PlatformHealth,
    FeaturesHealth,
    NotificationsHealth,
    HealthService,
    LogLevelService,
    StorageService,
  ],
})
export class MonitoringModule {}
