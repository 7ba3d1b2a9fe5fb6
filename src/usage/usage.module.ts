import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { Quota } from './quota.service';
import { UsageCheck } from './usage-check.service';
import { UsageCheckJob } from './usage-check.job';
import { UsageChecks } from './usage-checks.service';
import { UsageMetrics } from './usage-metrics';
import { UsagePointJob } from './usage-point.job';
import { UsageService } from './usage.service';
import { UsageStore } from './usage.store';

/** Counters of what each user has stored, their nightly check, and quotas. */
@Module({
  imports: [AuditModule],
  providers: [
    UsageService,
    UsageStore,
    UsageCheck,
    UsageChecks,
    UsagePointJob,
    UsageCheckJob,
    UsageMetrics,
    Quota,
  ],
  exports: [UsageService, UsageStore, UsageChecks, Quota],
})
export class UsageModule {}
