import { Injectable } from '@nestjs/common';
import type { HealthIndicatorFunction } from '@nestjs/terminus';
import { AuditHealth } from '../audit/audit.health';
import { BackupStoreHealth } from '../backups/backup-store.health';
import { BackupsHealth } from '../backups/backups.health';
import { RetentionHealth } from '../retention/retention.health';
import { SourcesHealth } from '../sources/sources.health';
import { NotificationsHealth } from './notifications.health';

/** The health indicators of the features. */
@Injectable()
export class FeaturesHealth {
  constructor(
    private readonly backups: BackupsHealth,
    private readonly backupStore: BackupStoreHealth,
    private readonly retention: RetentionHealth,
    private readonly audit: AuditHealth,
    private readonly sources: SourcesHealth,
    private readonly notifications: NotificationsHealth,
  ) {}

  /** All of them. */
  checks(): HealthIndicatorFunction[] {
    return [
      () => this.backups.check(),
      () => this.backupStore.check(),
      () => this.backups.checkVerification(),
      () => this.retention.check(),
      () => this.audit.check(),
      () => this.sources.check(),
      ...this.notifications.checks(),
    ];
  }
}
