import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AuditModule } from '../audit/audit.module';
import { AppConfig } from '../platform/config/app-config';
import { ObjectStore } from '../platform/objects/object-store';
import { openObjectStore } from '../platform/objects/open-object-store';
import { UsageModule } from '../usage/usage.module';
import { VersionsModule } from '../versions/versions.module';
import { BackupStoreHealth } from './backup-store.health';
import { BackupsHealth } from './backups.health';
import { BackupsController } from './http/backups.controller';
import { AccountBackupsService } from './account-backups.service';
import { BackupMarksService } from './backup-marks.service';
import { CopiedKeysService } from './copied-keys.service';
import { CopyJob } from './copy.job';
import { CopyStore } from './copy.store';
import { CopyPlanner } from './copy-planner';
import { CopyRecords } from './copy-records';
import { CopyService } from './copy.service';
import { VaultExpiry } from './expiry';
import { GenerationReader } from './generation-reader';
import { GraphComparison } from './graph-comparison';
import { KeyCopies } from './key-copies';
import { LineageService } from './lineage.service';
import { NightPlanner } from './night-planner';
import { NightReadsStore } from './night-reads.store';
import { SegmentStream } from './segment-stream';
import { SegmentUpload } from './segment-upload';
import { VaultFindings } from './vault-findings';
import { VaultFiguresStore } from './vault-figures.store';
import { VaultMetrics } from './vault-metrics';
import { VaultOverviewService } from './vault-overview.service';
import { VaultRecordsService } from './vault-records.service';
import { VaultRunsService } from './vault-runs.service';
import { VaultService } from './vault.service';
import { VaultStore } from './vault.store';
import { VerificationJob } from './verification.job';
import { VerificationPlanner } from './verification-planner';
import { VerificationRecords } from './verification-records';
import { VerificationService } from './verification.service';

/** Copies outside the database: segments, runs, verification and rebuild. */
@Module({
  imports: [AuditModule, UsageModule, VersionsModule, TerminusModule.forRoot({ logger: false })],
  controllers: [BackupsController],
  providers: [
    VaultService,
    VaultRunsService,
    CopyJob,
    VerificationJob,
    VaultRecordsService,
    AccountBackupsService,
    CopyService,
    CopyPlanner,
    CopyRecords,
    LineageService,
    SegmentUpload,
    VerificationService,
    VerificationPlanner,
    VerificationRecords,
    NightPlanner,
    NightReadsStore,
    GenerationReader,
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
    BackupStoreHealth,
    {
      provide: ObjectStore,
      useFactory: (config: AppConfig) => openObjectStore(config.storeUrl),
      inject: [AppConfig],
    },
  ],
  exports: [
    AccountBackupsService,
    VaultService,
    CopiedKeysService,
    VaultOverviewService,
    BackupMarksService,
    BackupsHealth,
    BackupStoreHealth,
  ],
})
export class BackupsModule implements OnApplicationShutdown {
  constructor(private readonly objects: ObjectStore) {}

  onApplicationShutdown(): void {
    this.objects.close();
  }
}
