import { Module, type OnModuleInit } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AuditModule } from '../audit/audit.module';
import { UsageModule } from '../usage/usage.module';
import { BinTime } from '../graphs/bin-time.service';
import { GraphPurge } from '../graphs/upkeep/graph-purge.service';
import { GraphsModule } from '../graphs/graphs.module';
import { AccountRemovals } from '../platform/access/account-removals';
import { JobRunner } from '../platform/jobs/job-runner';
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
  exports: [RetentionService, RetentionHealth],
})
export class RetentionModule implements OnModuleInit {
  constructor(
    private readonly runner: JobRunner,
    private readonly job: RetentionJob,
    private readonly bin: BinTime,
    private readonly policies: PoliciesService,
    private readonly removals: AccountRemovals,
    private readonly purges: GraphPurge,
  ) {}

  onModuleInit(): void {
    this.runner.add(this.job);
    this.removals.add(({ key }) => this.policies.forget(key));
    this.purges.onGraphPurged((em, userKey, graphKey) => this.policies.forgetGraph(em, userKey, graphKey));
    this.bin.goBy((userKey, graphKey) => this.policies.binDays(userKey, graphKey));
  }
}
