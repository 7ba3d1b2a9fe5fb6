import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { GraphsModule } from '../graphs/graphs.module';
import { UsageModule } from '../usage/usage.module';
import { VersionsModule } from '../versions/versions.module';
import { RecoveryController } from './http/recovery.controller';
import { RecoveryPlanner } from './recovery-planner';
import { RecoveryStaging } from './recovery-staging';
import { RecoveryService } from './recovery.service';
import { RecoveryStore } from './recovery.store';

/** Point-in-time recovery of a whole account. */
@Module({
  imports: [AuditModule, UsageModule, VersionsModule, GraphsModule],
  controllers: [RecoveryController],
  providers: [RecoveryService, RecoveryPlanner, RecoveryStaging, RecoveryStore],
})
export class RecoveryModule {}
