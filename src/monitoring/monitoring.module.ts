import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { DatabaseHealth } from '../platform/database/database.health';
import { HealthController } from './http/health.controller';

/** Health, for people and load balancers. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [DatabaseHealth],
})
export class MonitoringModule {}
