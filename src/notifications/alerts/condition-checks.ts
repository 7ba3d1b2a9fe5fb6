import { Injectable } from '@nestjs/common';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import { AuditHealth } from '../../audit/audit.health';
import { BackupsHealth } from '../../backups/backups.health';
import { CONDITIONS, CONDITION_IDS, type ConditionId } from '../../platform/health/conditions';
import { DiskHealth } from '../../platform/health/disk.health';
import { RetentionHealth } from '../../retention/retention.health';
import { SourcesHealth } from '../../sources/sources.health';

/** Whether a condition holds now; null: its part of `/health` does not say. */
export interface Finding {
  condition: ConditionId;
  active: boolean | null;
  /** The reason that `/health` gives. */
  reason: string | null;
}

/** A part of `/health`, as its indicator returns it. */
type Part = HealthIndicatorResult[string];

/** Reads the conditions from the same indicators as `/health`. */
@Injectable()
export class ConditionChecks {
  private readonly checks: Readonly<Record<ConditionId, () => Promise<HealthIndicatorResult>>>;

  constructor(
    backups: BackupsHealth,
    retention: RetentionHealth,
    sources: SourcesHealth,
    audit: AuditHealth,
    disk: DiskHealth,
  ) {
    this.checks = {
      'backup.stale': () => backups.check(),
      'verification.failed': () => backups.checkVerification(),
      'retention.stopped': () => retention.check(),
      'source.failing': () => sources.check(),
      'storage.low': () => disk.check(),
      'seals.broken': () => audit.check(),
    };
  }

  all(): Promise<Finding[]> {
    return Promise.all(CONDITION_IDS.map((condition) => this.find(condition)));
  }

  private async find(condition: ConditionId): Promise<Finding> {
    const result = await this.checks[condition]();
    const part: Part | undefined = result[CONDITIONS[condition].part];
    if (!part || part['undecided'] === true) return { condition, active: null, reason: null };
    const reason: unknown = part['reason'];
    const active = part['condition'] === condition;
    return { condition, active, reason: active && typeof reason === 'string' ? reason : null };
  }
}
