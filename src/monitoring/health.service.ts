import { Injectable } from '@nestjs/common';
import { HealthCheckService, type HealthCheckResult, type HealthIndicatorFunction } from '@nestjs/terminus';
import { BackupStoreHealth } from '../backups/backup-store.health';
import { BackupsHealth } from '../backups/backups.health';
import { AuditHealth } from '../audit/audit.health';
import { PlatformHealth } from '../platform/health/platform.health';
import { RetentionHealth } from '../retention/retention.health';

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
    backups: BackupsHealth,
    backupStore: BackupStoreHealth,
    retention: RetentionHealth,
    audit: AuditHealth,
  ) {
    this.everything = [
      ...platform.checks(),
      () => backups.check(),
      () => backupStore.check(),
      () => backups.checkVerification(),
      () => retention.check(),
      () => audit.check(),
    ];
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
