import { Injectable } from '@nestjs/common';
import type { HealthIndicatorFunction } from '@nestjs/terminus';
import { AuditHealth } from '../audit/audit.health';
import { BackupStoreHealth } from '../backups/backup-store.health';
import { BackupsHealth } from '../backups/backups.health';
import { MailHealth } from '../notifications/mail/mail.health';
import { RetentionHealth } from '../retention/retention.health';
import { SourcesHealth } from '../sources/sources.health';

/** The health indicators of the features. */
@Injectable()
export class FeaturesHealth {
  constructor(
    private readonly backups: BackupsHealth,
    private readonly backupStore: BackupStoreHealth,
    private readonly retention: RetentionHealth,
    private readonly audit: AuditHealth,
    private readonly sources: SourcesHealth,
    private readonly mail: MailHealth,
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
      () => this.mail.check(),
    ];
  }
}
