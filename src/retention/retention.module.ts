import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AuditModule } from '../audit/audit.module';
import { UsageModule } from '../usage/usage.module';
import { GraphsModule } from '../graphs/graphs.module';
import { TrashPolicy } from '../graphs/trash-retention.service';
import { DueGraphs } from './due-graphs';
import { GraphPruner } from './graph-pruner';
import { PoliciesController } from './http/policies.controller';
import { RetentionController } from './http/retention.controller';
import { PoliciesService } from './policies.service';
import { PoliciesStore } from './policies.store';
import { PreviewService } from './preview.service';
import { PruneSelector } from './prune-selector';
import { RetentionExecutor } from './retention-executor';
import { RetentionJournal } from './retention-journal';
import { RetentionPacking } from './retention-packing';
import { SkippedGraphs } from './skipped-graphs';
import { RetentionMetrics } from './retention-metrics';
import { RetentionPlanner } from './retention-planner';
import { RetentionStateStore } from './retention-state.store';
import { RetentionHealth } from './retention.health';
import { RetentionJob } from './retention.job';
import { RetentionService } from './retention.service';

/** What is kept, and the job that removes the rest. */
@Module({
  imports: [AuditModule, UsageModule, GraphsModule, TerminusModule.forRoot({ logger: false })],
  controllers: [PoliciesController, RetentionController],
  providers: [
    PoliciesService,
    { provide: TrashPolicy, useExisting: PoliciesService },
    PoliciesStore,
    PreviewService,
    RetentionService,
    RetentionPlanner,
    RetentionExecutor,
    RetentionStateStore,
    RetentionJob,
    RetentionHealth,
    RetentionMetrics,
    RetentionPacking,
    RetentionJournal,
    DueGraphs,
    PruneSelector,
    GraphPruner,
    SkippedGraphs,
  ],
  exports: [RetentionService, RetentionHealth, PoliciesService],
})
export class RetentionModule {}
