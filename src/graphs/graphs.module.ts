import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { BackupsModule } from '../backups/backups.module';
import { GraphCheck } from './graph-check.service';
import { GraphHistory } from './graph-history.service';
import { GraphQueue } from './graph-queue';
import { GraphReader } from './graph-reader.service';
import { GraphUpkeep } from './graph-upkeep.service';
import { GraphWriter } from './graph-writer.service';
import { GraphsService } from './graphs.service';
import { GraphsStore } from './graphs.store';
import { IdempotencyKeys } from './idempotency-keys';
import { IdempotencyStore } from './idempotency.store';
import { GraphList } from './http/graph-list';
import { GraphsController } from './http/graphs.controller';
import { VersionsController } from './http/versions.controller';

/** The graphs' present state, and their past. */
@Module({
  imports: [AuditModule, BackupsModule],
  controllers: [GraphsController, VersionsController],
  providers: [
    GraphsService,
    GraphCheck,
    GraphUpkeep,
    GraphReader,
    GraphHistory,
    GraphQueue,
    GraphWriter,
    IdempotencyKeys,
    IdempotencyStore,
    GraphsStore,
    GraphList,
  ],
  exports: [GraphsService, GraphCheck, GraphUpkeep],
})
export class GraphsModule {}
