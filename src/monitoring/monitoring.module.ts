import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { DatabaseHealth } from '../platform/database/database.health';
import { RetentionModule } from '../retention/retention.module';
import { HealthController } from './http/health.controller';
import { MetricsController } from './http/metrics.controller';

/** Health, for people and load balancers. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false }), RetentionModule],
  controllers: [HealthController, MetricsController],
  providers: [DatabaseHealth],
})
export class MonitoringModule {}
