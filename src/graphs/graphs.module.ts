import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { BackupsModule } from '../backups/backups.module';
import { AccountGraphs } from './account-graphs';
import { BinTime } from './bin-time.service';
import { GraphCheck } from './graph-check.service';
import { DiffPool } from '../diff/diff-pool';
import { GraphDiffs } from '../diff/diff.service';
import { GraphHistory } from './graph-history.service';
import { GraphQueue } from './graph-queue';
import { GraphRetention } from './upkeep/graph-retention.service';
import { GraphRetentionStore } from './upkeep/graph-retention.store';
import { GraphPurge } from './upkeep/graph-purge.service';
import { GraphReader } from './graph-reader.service';
import { GraphUpkeep } from './upkeep/graph-upkeep.service';
import { GraphWriter } from './graph-writer.service';
import { GraphsService } from './graphs.service';
import { GraphsStore } from './graphs.store';
import { RecoveryService } from '../recovery/recovery.service';
import { RecoveryStore } from '../recovery/recovery.store';
import { IdempotencyKeys } from './idempotency-keys';
import { IdempotencyStore } from './idempotency.store';
import { GraphList } from './http/graph-list';
import { DiffsController } from '../diff/http/diffs.controller';
import { GraphsController } from './http/graphs.controller';
import { RecoveryController } from '../recovery/http/recovery.controller';
import { VersionsController } from './http/versions.controller';

/** The graphs' present state, and their past. */
@Module({
  imports: [AuditModule, BackupsModule],
  controllers: [GraphsController, VersionsController, DiffsController, RecoveryController],
  providers: [
    GraphsService,
    GraphCheck,
    GraphUpkeep,
    GraphRetention,
    GraphPurge,
    BinTime,
    GraphRetentionStore,
    GraphReader,
    GraphHistory,
    GraphDiffs,
    { provide: DiffPool, useFactory: () => new DiffPool() },
    GraphQueue,
    GraphWriter,
    RecoveryService,
    RecoveryStore,
    IdempotencyKeys,
    IdempotencyStore,
    GraphsStore,
    GraphList,
    AccountGraphs,
  ],
  exports: [GraphsService, GraphCheck, GraphUpkeep, GraphRetention, GraphPurge, BinTime],
})
export class GraphsModule implements OnApplicationShutdown {
  constructor(private readonly diffs: DiffPool) {}

  onApplicationShutdown(): Promise<void> {
    return this.diffs.close();
  }
}
