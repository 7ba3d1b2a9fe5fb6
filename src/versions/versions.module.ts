import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { BufferGarbage } from '../platform/memory/buffer-garbage';
import { Workers } from '../platform/workers/workers';
import { UsageModule } from '../usage/usage.module';
import { CodecPool } from './codec-pool';
import { DamagedVersions } from './damaged-versions';
import { HeadCache } from './head-cache';
import { VersionCheckService } from './version-check.service';
import { VersionPreparer } from './version-preparer';
import { VersionReader } from './version-reader';
import { VersionUpkeepService } from './version-upkeep.service';
import { VersionsService } from './versions.service';
import { VersionsStore } from './versions.store';

/** The version store: encodes, keeps, reads, prunes and repacks the versions of graphs. */
@Module({
  imports: [AuditModule, UsageModule],
  providers: [
    VersionsService,
    VersionPreparer,
    VersionReader,
    VersionCheckService,
    VersionUpkeepService,
    VersionsStore,
    DamagedVersions,
    {
      provide: CodecPool,
      useFactory: (workers: Workers, garbage: BufferGarbage) => new CodecPool(workers, garbage),
      inject: [Workers, BufferGarbage],
    },
    HeadCache,
  ],
  exports: [VersionsService, VersionCheckService, VersionUpkeepService, VersionsStore],
})
export class VersionsModule implements OnApplicationShutdown {
  constructor(private readonly codec: CodecPool) {}

  onApplicationShutdown(): Promise<void> {
    return this.codec.close();
  }
}
