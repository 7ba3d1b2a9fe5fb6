import { Injectable } from '@nestjs/common';
import type { HealthIndicatorFunction } from '@nestjs/terminus';
import { DatabaseHealth } from '../database/database.health';
import { DiskHealth } from './disk.health';
import { ProcessHealth } from './process.health';

/** The health indicators of the platform: database, disk and process. */
@Injectable()
export class PlatformHealth {
  constructor(
    private readonly database: DatabaseHealth,
    private readonly disk: DiskHealth,
    private readonly runtime: ProcessHealth,
  ) {}

  /** All indicators. */
  checks(): HealthIndicatorFunction[] {
    return [
      () => this.database.check(),
      () => this.database.checkWrite(),
      () => this.disk.check(),
      () => this.runtime.checkEventLoop(),
      () => this.runtime.checkMemory(),
      () => this.runtime.checkWorkers(),
    ];
  }

  /** The indicators that decide whether to send traffic to this process. */
  readyChecks(): HealthIndicatorFunction[] {
    return [() => this.runtime.checkReady(), () => this.database.check()];
  }
}
