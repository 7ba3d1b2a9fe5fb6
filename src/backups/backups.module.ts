import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { CodecPool } from './versions/codec-pool';
import { DamagedVersions } from './versions/damaged-versions';
import { Quota } from './versions/quota.service';
import { QuotaStore } from './versions/quota.store';
import { HeadCache } from './versions/head-cache';
import { VersionCheck } from './versions/version-check.service';
import { VersionUpkeep } from './versions/version-upkeep.service';
import { VersionsService } from './versions/versions.service';
import { VersionsStore } from './versions/versions.store';

/** The history of graphs. */
@Module({
  imports: [AuditModule],
  providers: [
    VersionsService,
    VersionCheck,
    VersionUpkeep,
    VersionsStore,
    DamagedVersions,
    CodecPool,
    Quota,
    QuotaStore,
    HeadCache,
  ],
  exports: [VersionsService, VersionCheck, VersionUpkeep, Quota],
})
export class BackupsModule implements OnApplicationShutdown {
  constructor(private readonly codec: CodecPool) {}

  onApplicationShutdown(): Promise<void> {
    return this.codec.close();
  }
}
