import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AuditModule } from '../audit/audit.module';
import { AppConfig } from '../platform/config/app-config';
import { ObjectStore } from '../platform/objects/object-store';
import { openObjectStore } from '../platform/objects/open-object-store';
import { BackupsHealth } from './backups.health';
import { BackupsController } from './http/backups.controller';
import { UsageCheck } from '../usage/usage-check.service';
import { UsageChecks } from '../usage/usage-checks.service';
import { UsageJobs } from '../usage/usage.jobs';
import { UsageMetrics } from '../usage/usage-metrics';
import { UsageService } from '../usage/usage.service';
import { UsageStore } from '../usage/usage.store';
import { AccountBackupsService } from './account-backups.service';
import { BackupMarks } from './backup-marks.service';
import { CopyStore } from './copy.store';
import { VaultCopy } from './copy.service';
import { VaultExpiry } from './expiry';
import { KeyCopies } from './key-copies';
import { SegmentStream } from './segment-stream';
import { VaultFindings } from './vault-findings';
import { VaultFiguresStore } from './vault-figures.store';
import { VaultMetrics } from './vault-metrics';
import { VaultOverviews } from './vault-overview.service';
import { VaultRecords } from './vault-records.service';
import { VaultService } from './vault.service';
import { VaultStore } from './vault.store';
import { VaultVerification } from './verification.service';
import { CodecPool } from '../versions/codec-pool';
import { DamagedVersions } from '../versions/damaged-versions';
import { Quota } from '../usage/quota.service';
import { HeadCache } from '../versions/head-cache';
import { VersionCheck } from '../versions/version-check.service';
import { VersionUpkeep } from '../versions/version-upkeep.service';
import { VersionsService } from '../versions/versions.service';
import { VersionsStore } from '../versions/versions.store';

const VERSIONS = [
  VersionsService,
  VersionCheck,
  VersionUpkeep,
  VersionsStore,
  DamagedVersions,
  CodecPool,
  Quota,
  HeadCache,
];
const USAGE = [UsageService, UsageStore, UsageCheck, UsageChecks, UsageJobs, UsageMetrics];
const VAULT = [
  VaultService,
  VaultRecords,
  AccountBackupsService,
  VaultCopy,
  VaultVerification,
  VaultExpiry,
  VaultFindings,
  VaultMetrics,
  VaultStore,
  VaultFiguresStore,
  VaultOverviews,
  CopyStore,
  SegmentStream,
  KeyCopies,
  BackupMarks,
  BackupsHealth,
];

/** The history of graphs, and its copies outside the database. */
@Module({
  imports: [AuditModule, TerminusModule.forRoot({ logger: false })],
  controllers: [BackupsController],
  providers: [
    ...VERSIONS,
    ...USAGE,
    ...VAULT,
    {
      provide: ObjectStore,
      useFactory: (config: AppConfig) => openObjectStore(config.storeUrl),
      inject: [AppConfig],
    },
  ],
  exports: [
    VersionsService,
    VersionCheck,
    VersionUpkeep,
    Quota,
    UsageService,
    UsageChecks,
    VaultOverviews,
    BackupMarks,
    BackupsHealth,
  ],
})
export class BackupsModule implements OnApplicationShutdown {
  constructor(
    private readonly codec: CodecPool,
    private readonly objects: ObjectStore,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    this.objects.close();
    await this.codec.close();
  }
}
