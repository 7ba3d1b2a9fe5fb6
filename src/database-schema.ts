import { entities } from './entities';
import { Initial1764000000000 } from './migrations/1764000000000-initial';
import { Seals1764000200000 } from './migrations/1764000200000-seals';
import { Sessions1764000300000 } from './migrations/1764000300000-sessions';
import { HealthProbe1764001000000 } from './migrations/1764001000000-health-probe';
import { Jobs1764000100000 } from './migrations/1764000100000-jobs';
import { Usage1764001300000 } from './migrations/1764001300000-usage';
import { PasswordResets1764001500000 } from './migrations/1764001500000-password-resets';
import { GraphFilters1764002100000 } from './migrations/1764002100000-graph-filters';
import { SessionLists1764002110000 } from './migrations/1764002110000-session-lists';
import { ReadsOfCopies1764002200000 } from './migrations/1764002200000-reads-of-copies';
import { SourceSecrets1764003100000 } from './migrations/1764003100000-source-secrets';
import { GraphLists1764001700000 } from './migrations/1764001700000-graph-lists';
import { IdlePacking1764001400000 } from './migrations/1764001400000-idle-packing';
import { Vault1764001200000 } from './migrations/1764001200000-vault';
import { Retention1764001100000 } from './migrations/1764001100000-retention';
import { Alerts1764001910000 } from './migrations/1764001910000-alerts';
import { WeeklySummaries1764001915000 } from './migrations/1764001915000-weekly-summaries';
import { Mails1764001900000 } from './migrations/1764001900000-mails';
import { Sources1764001600000 } from './migrations/1764001600000-sources';
import { Webhooks1764001800000 } from './migrations/1764001800000-webhooks';
import type { DatabaseSchema } from './platform/database/data-source';

/** The tables, and the migrations that create them, oldest first. */
export const databaseSchema: DatabaseSchema = {
  entities,
  migrations: [
    Initial1764000000000,
    Jobs1764000100000,
    Seals1764000200000,
    Sessions1764000300000,
    HealthProbe1764001000000,
    Retention1764001100000,
    Vault1764001200000,
    Usage1764001300000,
    IdlePacking1764001400000,
    PasswordResets1764001500000,
    Sources1764001600000,
    GraphLists1764001700000,
    Webhooks1764001800000,
    Mails1764001900000,
    Alerts1764001910000,
    WeeklySummaries1764001915000,
    GraphFilters1764002100000,
    SessionLists1764002110000,
    ReadsOfCopies1764002200000,
    SourceSecrets1764003100000,
  ],
};
