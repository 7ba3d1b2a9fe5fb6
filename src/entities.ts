import type { EntitySchema } from 'typeorm';
import { clockMarkSchema } from './platform/clock/domain/clock-mark.entity';
import { journalSchema } from './audit/domain/journal-event.entity';
import { sealSchema } from './audit/domain/seal.entity';
import { passwordResetSchema } from './auth/domain/password-reset.entity';
import { apiTokenSchema, sessionSchema } from './auth/domain/session.entity';
import { userSchema } from './auth/domain/user.entity';
import { usagePointSchema, userUsageSchema } from './usage/domain/usage.entity';
import {
  backupRunSchema,
  rebuildProgressSchema,
  vaultStateSchema,
  verificationSchema,
} from './backups/domain/vault.entity';
import { versionSchema, versionTextSchema } from './versions/domain/version.entity';
import { idempotencyKeySchema } from './graphs/domain/idempotency-key.entity';
import { graphTaskSchema } from './graphs/upkeep/domain/graph-task.entity';
import { stagedChangeSchema } from './recovery/domain/staged-change.entity';
import { graphSchema } from './graphs/domain/graph.entity';
import { masterKeySchema, userKeySchema } from './platform/crypto/user-key.entity';
import { healthProbeSchema } from './platform/database/health-probe.entity';
import { jobRunSchema, jobSchema } from './platform/jobs/job.entity';
import { alertSchema } from './notifications/alerts/domain/alert.entity';
import { mailSchema } from './notifications/mail/domain/mail.entity';
import { weeklySummarySchema } from './notifications/summaries/domain/weekly-summary.entity';
import { policySchema } from './retention/domain/policy.entity';
import { retentionStateSchema } from './retention/domain/retention-state.entity';
import { sourceItemSchema } from './sources/domain/source-item.entity';
import { sourceRunSchema } from './sources/domain/source-run.entity';
import { sourceSchema } from './sources/domain/source.entity';
import { webhookDeliverySchema } from './notifications/webhooks/domain/webhook-delivery.entity';
import { webhookFeedSchema } from './notifications/webhooks/domain/webhook-feed.entity';
import { webhookStateSchema } from './notifications/webhooks/domain/webhook-state.entity';
import { webhookSchema } from './notifications/webhooks/domain/webhook.entity';
import { PortableColumns, type DatabaseKind } from './platform/database/columns';

/** All tables, with the column types of the given database. The only list. */
export function entities(kind: DatabaseKind): EntitySchema[] {
  const column = new PortableColumns(kind);
  return [
    journalSchema(column),
    clockMarkSchema(column),
    sealSchema(column),
    userSchema(column),
    sessionSchema(column),
    apiTokenSchema(column),
    passwordResetSchema(column),
    userKeySchema(column),
    masterKeySchema(column),
    graphSchema(column),
    versionSchema(column),
    versionTextSchema(column),
    idempotencyKeySchema(column),
    stagedChangeSchema(column),
    healthProbeSchema(column),
    jobSchema(column),
    jobRunSchema(column),
    vaultStateSchema(column),
    backupRunSchema(column),
    verificationSchema(column),
    rebuildProgressSchema(column),
    graphTaskSchema(column),
    policySchema(column),
    retentionStateSchema(column),
    userUsageSchema(column),
    usagePointSchema(column),
    sourceSchema(column),
    sourceItemSchema(column),
    sourceRunSchema(column),
    webhookSchema(column),
    webhookStateSchema(column),
    webhookDeliverySchema(column),
    webhookFeedSchema(column),
    mailSchema(column),
    alertSchema(column),
    weeklySummarySchema(column),
  ] as EntitySchema[];
}
