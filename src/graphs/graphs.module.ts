import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { BackupsModule } from '../backups/backups.module';
import { UsageModule } from '../usage/usage.module';
import { VersionsModule } from '../versions/versions.module';
import { AccountGraphs } from './account-graphs';
import { TrashRetention } from './trash-retention.service';
import { GraphCheck } from './graph-check.service';
import { GraphHistory } from './graph-history.service';
import { GraphQueue } from './graph-queue';
import { GraphRetention } from './upkeep/graph-retention.service';
import { GraphPacking } from './upkeep/graph-packing.service';
import { ExpiredGraphs } from './upkeep/expired-graphs.service';
import { GraphRetentionStore } from './upkeep/graph-retention.store';
import { GraphTaskStore } from './upkeep/graph-task.store';
import { GraphPurge } from './upkeep/graph-purge.service';
import { GraphReader } from './graph-reader.service';
import { GraphUpkeep } from './upkeep/graph-upkeep.service';
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
  imports: [AuditModule, UsageModule, VersionsModule, BackupsModule],
  controllers: [GraphsController, VersionsController],
  providers: [
    GraphsService,
    GraphCheck,
    GraphUpkeep,
    GraphRetention,
    GraphPacking,
    GraphPurge,
    ExpiredGraphs,
    TrashRetention,
    GraphRetentionStore,
    GraphTaskStore,
    GraphReader,
    GraphHistory,
    GraphQueue,
    GraphWriter,
    IdempotencyKeys,
    IdempotencyStore,
    GraphsStore,
    GraphList,
    AccountGraphs,
  ],
  exports: [
    GraphsService,
    GraphCheck,
    GraphHistory,
    GraphQueue,
    GraphReader,
    GraphWriter,
    GraphsStore,
    GraphUpkeep,
    GraphRetention,
    GraphPacking,
    GraphPurge,
    ExpiredGraphs,
    TrashRetention,
  ],
})
export class GraphsModule {}
