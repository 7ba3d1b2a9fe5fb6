import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { BackupsModule } from '../backups/backups.module';
import { UsageModule } from '../usage/usage.module';
import { VersionsModule } from '../versions/versions.module';
import { AccountGraphs } from './account-graphs';
import { TrashRetentionService } from './trash-retention.service';
import { ConfigEditors } from './config-editors';
import { GraphChangesService } from './graph-changes.service';
import { GraphCheckService } from './graph-check.service';
import { GraphHistoryService } from './graph-history.service';
import { GraphPartsService } from './graph-parts.service';
import { GraphQueue } from './graph-queue';
import { GraphRetentionService } from './upkeep/graph-retention.service';
import { GraphPackingService } from './upkeep/graph-packing.service';
import { ExpiredGraphsService } from './upkeep/expired-graphs.service';
import { GraphRetentionStore } from './upkeep/graph-retention.store';
import { GraphTaskStore } from './upkeep/graph-task.store';
import { GraphPurgeService } from './upkeep/graph-purge.service';
import { GraphReaderService } from './graph-reader.service';
import { GraphUpkeepService } from './upkeep/graph-upkeep.service';
import { GraphWriterService } from './graph-writer.service';
import { GraphEventsService } from './graph-events.service';
import { GraphsService } from './graphs.service';
import { TrashService } from './trash.service';
import { VersionAuthorsService } from './version-authors.service';
import { VersionMarksService } from './version-marks.service';
import { GraphsStore } from './graphs.store';
import { IdempotencyKeys } from './idempotency-keys';
import { IdempotencyStore } from './idempotency.store';
import { GraphList } from './http/graph-list';
import { ChangesController } from './http/changes.controller';
import { GraphsController } from './http/graphs.controller';
import { RestoreController } from './http/restore.controller';
import { TrashController } from './http/trash.controller';
import { VersionsController } from './http/versions.controller';

/** Graphs: their current state and their history. */
@Module({
  imports: [AuditModule, UsageModule, VersionsModule, BackupsModule],
  controllers: [ChangesController, GraphsController, RestoreController, TrashController, VersionsController],
  providers: [
    GraphsService,
    GraphPartsService,
    ConfigEditors,
    TrashService,
    VersionMarksService,
    GraphEventsService,
    GraphChangesService,
    GraphCheckService,
    GraphUpkeepService,
    GraphRetentionService,
    GraphPackingService,
    GraphPurgeService,
    ExpiredGraphsService,
    TrashRetentionService,
    GraphRetentionStore,
    GraphTaskStore,
    GraphReaderService,
    GraphHistoryService,
    GraphQueue,
    GraphWriterService,
    IdempotencyKeys,
    IdempotencyStore,
    GraphsStore,
    GraphList,
    AccountGraphs,
    VersionAuthorsService,
  ],
  exports: [
    ConfigEditors,
    GraphsService,
    GraphEventsService,
    GraphCheckService,
    GraphHistoryService,
    GraphQueue,
    GraphReaderService,
    GraphWriterService,
    GraphsStore,
    GraphUpkeepService,
    GraphRetentionService,
    GraphPackingService,
    GraphPurgeService,
    ExpiredGraphsService,
    TrashRetentionService,
    TrashService,
  ],
})
export class GraphsModule {}
