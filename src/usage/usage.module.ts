import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { Quota } from './quota.service';
import { UsageCheck } from './usage-check.service';
import { UsageChecks } from './usage-checks.service';
import { UsageJobs } from './usage.jobs';
import { UsageMetrics } from './usage-metrics';
import { UsageService } from './usage.service';
import { UsageStore } from './usage.store';

/** Counters of what each user has stored, their nightly check, and quotas. */
@Module({
  imports: [AuditModule],
  providers: [UsageService, UsageStore, UsageCheck, UsageChecks, UsageJobs, UsageMetrics, Quota],
  exports: [UsageService, UsageStore, UsageChecks, Quota],
})
export class UsageModule {}
