import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { GraphsModule } from '../graphs/graphs.module';
import { VersionsModule } from '../versions/versions.module';
import type { Connector } from './connectors/connector';
import { CONNECTORS, Connectors } from './connectors/connectors';
import { GraphIntakeService } from './graph-intake.service';
import { GraphSourcesService } from './graph-sources.service';
import { SourcesHealth } from './sources.health';
import { SourcesMetrics } from './sources-metrics';
import { TerminusModule } from '@nestjs/terminus';
import { PushController } from './http/push.controller';
import { SourceHooksController } from './http/source-hooks.controller';
import { SourcesController } from './http/sources.controller';
import { PassFactory } from './pass-factory';
import { SecretCounter } from './secret-counter';
import { PushEvents } from './push-events';
import { PushIntakeService } from './push-intake.service';
import { PushTargetsService } from './push-targets.service';
import { PushService } from './push.service';
import { SourceCheckService } from './source-check.service';
import { SourceInputs } from './source-inputs';
import { SourceItemsStore } from './source-items.store';
import { SourceListsService } from './source-lists.service';
import { SourceRecordsService } from './source-records.service';
import { SourceRunsStore } from './source-runs.store';
import { SourceSessionsService } from './source-sessions.service';
import { SourceUsers } from './source-users';
import { SourceStores } from './source-stores';
import { SourcesSyncJob } from './sources-sync.job';
import { SourcesService } from './sources.service';
import { SourcesStore } from './sources.store';
import { SyncRequestsService } from './sync-requests.service';
import { SyncService } from './sync.service';

/** Connections to tools: their graphs are pulled by schedule, and versions are pushed back. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false }), AuditModule, GraphsModule, VersionsModule],
  controllers: [SourcesController, SourceHooksController, PushController],
  providers: [
    ...CONNECTORS,
    {
      provide: Connectors,
      useFactory: (...all: Connector[]) => new Connectors(all),
      inject: [...CONNECTORS],
    },
    SourcesService,
    SourceInputs,
    SourceCheckService,
    SourceListsService,
    SourceSessionsService,
    SourceRecordsService,
    GraphIntakeService,
    PassFactory,
    SecretCounter,
    SyncService,
    SyncRequestsService,
    PushService,
    PushTargetsService,
    PushIntakeService,
    PushEvents,
    GraphSourcesService,
    SourcesMetrics,
    SourcesHealth,
    SourcesSyncJob,
    SourceStores,
    SourceUsers,
    SourcesStore,
    SourceItemsStore,
    SourceRunsStore,
  ],
  exports: [SourcesService, SourcesHealth],
})
export class SourcesModule {}
