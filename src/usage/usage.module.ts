import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { QuotaService } from './quota.service';
import { UsageCheckService } from './usage-check.service';
import { UsageCheckJob } from './usage-check.job';
import { UsageCheckRecords } from './usage-check-records';
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
    UsageCheckService,
    UsageCheckRecords,
    UsagePointJob,
    UsageCheckJob,
    UsageMetrics,
    QuotaService,
  ],
  exports: [UsageService, UsageStore, UsageCheckRecords, QuotaService],
})
export class UsageModule {}
