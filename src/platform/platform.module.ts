import { Global, Module, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import { AccountRemovals } from './access/account-removals';
import { Clock } from './clock/clock';
import { ClockMarkStore } from './clock/clock-mark.store';
import { ClockWatchService } from './clock/clock-watch.service';
import { AppConfig } from './config/app-config';
import { KeyRotation } from './crypto/key-rotation';
import { Keyring } from './crypto/keyring';
import { KeyringStore } from './crypto/keyring.store';
import { MasterKeySource } from './crypto/master-key-source';
import { DatabaseMetrics } from './database/database.metrics';
import { Databases } from './database/databases';
import { UnitOfWork } from './database/unit-of-work';
import { EventListeners } from './events/event-listeners';
import { JobMetrics } from './jobs/job-metrics';
import { JobRunner } from './jobs/job-runner';
import { JobScheduler } from './jobs/job-scheduler';
import { JobsStore } from './jobs/jobs.store';
import { Log } from './logging/log';
import { OutboundClient } from './outbound/outbound-client';
import { HeavyReads } from './fairness/heavy-reads';
import { BufferGarbage } from './memory/buffer-garbage';
import { RequestsInProgress } from './fairness/requests-in-progress';
import { Metrics } from './metrics/metrics';
import { Traffic } from './metrics/traffic';
import { Workers } from './workers/workers';

/** Parts that are created before Nest starts, so that errors during the start get a clear message. */
export interface PlatformParts {
  config: AppConfig;
  clock: Clock;
  log: Log;
  unitOfWork: UnitOfWork;
  masterKeys: MasterKeySource;
  databases: Databases;
}

/** The base of all features. It knows none of them. */
@Global()
@Module({})
export class PlatformModule {
  static with(parts: PlatformParts): DynamicModule {
    const values = [
      { provide: AppConfig, useValue: parts.config },
      { provide: Clock, useValue: parts.clock },
      { provide: Log, useValue: parts.log },
      { provide: UnitOfWork, useValue: parts.unitOfWork },
      { provide: MasterKeySource, useValue: parts.masterKeys },
      { provide: Databases, useValue: parts.databases },
    ];
    const measures = [Metrics, Traffic, DatabaseMetrics, JobMetrics];
    const clock = [ClockWatchService, ClockMarkStore];
    const own = [
      ...measures,
      ...clock,
      AccountRemovals,
      Keyring,
      KeyringStore,
      KeyRotation,
      JobRunner,
      JobScheduler,
      JobsStore,
      EventListeners,
      Workers,
      HeavyReads,
      BufferGarbage,
      RequestsInProgress,
      OutboundClient,
    ];
    return {
      module: PlatformModule,
      imports: [DiscoveryModule, ScheduleModule.forRoot()],
      providers: [...values, ...own],
      exports: [
        ...values,
        Metrics,
        Traffic,
        ClockWatchService,
        Keyring,
        KeyRotation,
        JobRunner,
        AccountRemovals,
        EventListeners,
        Workers,
        HeavyReads,
        BufferGarbage,
        OutboundClient,
      ],
    };
  }
}
