import { Injectable } from '@nestjs/common';
import { HealthCheckService, type HealthCheckResult, type HealthIndicatorFunction } from '@nestjs/terminus';
import { PlatformHealth } from '../platform/health/platform.health';
import { FeaturesHealth } from './features.health';

/**
 * The report of Terminus, with the status `degraded` if nothing is down but a part has `degraded: true` and a
 * reason.
 */
export type HealthReport = Omit<HealthCheckResult, 'status'> & {
  status: HealthCheckResult['status'] | 'degraded';
};

/** Runs the health indicators of the features: all of them, or those for readiness. */
@Injectable()
export class HealthService {
  private readonly everything: HealthIndicatorFunction[];

  constructor(
    private readonly health: HealthCheckService,
    private readonly platform: PlatformHealth,
    features: FeaturesHealth,
  ) {
    this.everything = [...platform.checks(), ...features.checks()];
  }

  /** All indicators. Throws ServiceUnavailableException with the report if a part is down. */
  async all(): Promise<HealthReport> {
    return withDegraded(await this.health.check(this.everything));
  }

  /** Only the indicators that decide whether to send traffic here. Throws like `all`. */
  ready(): Promise<HealthReport> {
    return this.health.check(this.platform.readyChecks());
  }

  /** Only indicators that nothing outside the process can make fail. */
  live(): Promise<HealthReport> {
    return this.health.check([]);
  }
}

function withDegraded(report: HealthCheckResult): HealthReport {
  const degraded = Object.values(report.details).some((part) => part['degraded'] === true);
  return degraded ? { ...report, status: 'degraded' } : report;
}
