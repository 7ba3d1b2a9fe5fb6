import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { GraphsModule } from '../graphs/graphs.module';
import { VersionsModule } from '../versions/versions.module';
import { RecoveryController } from './http/recovery.controller';
import { RecoveryService } from './recovery.service';
import { RecoveryStore } from './recovery.store';

/** Point-in-time recovery of a whole account. */
@Module({
  imports: [AuditModule, VersionsModule, GraphsModule],
  controllers: [RecoveryController],
  providers: [RecoveryService, RecoveryStore],
})
export class RecoveryModule {}
