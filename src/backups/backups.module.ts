import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AuditModule } from '../audit/audit.module';
import { AppConfig } from '../platform/config/app-config';
import { ObjectStore } from '../platform/objects/object-store';
import { openObjectStore } from '../platform/objects/open-object-store';
import { UsageModule } from '../usage/usage.module';
import { VersionsModule } from '../versions/versions.module';
import { BackupsHealth } from './backups.health';
import { BackupsController } from './http/backups.controller';
import { AccountBackupsService } from './account-backups.service';
import { BackupMarksService } from './backup-marks.service';
import { CopiedKeysService } from './copied-keys.service';
import { CopyJob } from './copy.job';
import { CopyStore } from './copy.store';
import { CopyService } from './copy.service';
import { VaultExpiry } from './expiry';
import { GraphComparison } from './graph-comparison';
import { KeyCopies } from './key-copies';
import { SegmentStream } from './segment-stream';
import { VaultFindings } from './vault-findings';
import { VaultFiguresStore } from './vault-figures.store';
import { VaultMetrics } from './vault-metrics';
import { VaultOverviewService } from './vault-overview.service';
import { VaultRecordsService } from './vault-records.service';
import { VaultService } from './vault.service';
import { VaultStore } from './vault.store';
import { VerificationJob } from './verification.job';
import { VerificationService } from './verification.service';

/** Copies outside the database: segments, runs, verification and rebuild. */
@Module({
  imports: [AuditModule, UsageModule, VersionsModule, TerminusModule.forRoot({ logger: false })],
  controllers: [BackupsController],
  providers: [
    VaultService,
    CopyJob,
    VerificationJob,
    VaultRecordsService,
    AccountBackupsService,
    CopyService,
    VerificationService,
    GraphComparison,
    VaultExpiry,
    VaultFindings,
    VaultMetrics,
    VaultStore,
    VaultFiguresStore,
    VaultOverviewService,
    CopyStore,
    SegmentStream,
    KeyCopies,
    CopiedKeysService,
    BackupMarksService,
    BackupsHealth,
    {
      provide: ObjectStore,
      useFactory: (config: AppConfig) => openObjectStore(config.storeUrl),
      inject: [AppConfig],
    },
  ],
  exports: [VaultService, CopiedKeysService, VaultOverviewService, BackupMarksService, BackupsHealth],
})
export class BackupsModule implements OnApplicationShutdown {
  constructor(private readonly objects: ObjectStore) {}

  onApplicationShutdown(): void {
    this.objects.close();
  }
}
