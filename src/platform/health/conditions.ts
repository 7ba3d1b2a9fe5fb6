/** The free share of the disk under DATA_DIR below which storage is low. */
export const LOW_DISK_SHARE = 0.1;
/** Days without a successful verification after which copies count as unverified; the nightly run may fail twice. */
export const UNVERIFIED_DAYS = 3;
/** Minutes without a copy after which Prometheus alerts; BACKUP_DEGRADED_AFTER_MINUTES is the service's own limit. */
const NO_BACKUP_MINUTES = 10;

/** A state of the installation that an operator has to know of. */
export interface Condition {
  /** The part of `GET /health` that decides whether it holds. */
  part: string;
  /** Subjects of the messages when it begins, and when it is over. */
  begins: string;
  ends: string;
  /** What the operator can do, in one or two sentences. */
  advice: string;
  /** The rules in deploy/prometheus/alerts.yml that are about it, by name: their expressions. */
  rules: Readonly<Record<string, string>>;
}

/**
 * All conditions: parts of `/health` set them, alerts by mail and webhook report them, and the rules for Prometheus
 * are tested against them. The keys are the types of the events.
 */
export const CONDITIONS = {
  'backup.stale': {
    part: 'backups',
    begins: 'Backups are stale',
    ends: 'Backups are up to date again',
    advice:
      'Check the backup store and its credentials. GET /backups/runs has the reason of the last failure.',
    rules: {
      NoBackup: `time() - max(graphomat_backup_last_success_timestamp_seconds) > ${NO_BACKUP_MINUTES * 60}`,
    },
  },
  'verification.failed': {
    part: 'verification',
    begins: 'Copies could not be verified',
    ends: 'Copies are verified again',
    advice: 'GET /backups/verifications names what is damaged. A full copy replaces damaged ones.',
    rules: {
      VerificationFailed:
        'max by (status) (graphomat_backup_last_verification_status{status=~"failed|corrupt"}) == 1',
      VerificationOld: `time() - max(graphomat_backup_last_verification_timestamp_seconds) > ${UNVERIFIED_DAYS} * 86400`,
    },
  },
  'retention.stopped': {
    part: 'retention',
    begins: 'Retention has stopped',
    ends: 'Retention works again',
    advice: 'Nothing is lost, but old versions are not removed. GET /retention/runs has the reason.',
    rules: {
      RetentionHeld: 'max(graphomat_retention_last_status{status="held"}) == 1',
      RetentionStopped: 'max(graphomat_retention_last_status{status=~"stopped|failed|incomplete"}) == 1',
    },
  },
  'source.failing': {
    part: 'sources',
    begins: 'Sources cannot be read',
    ends: 'All sources can be read again',
    advice: 'The owners see the reason in the console. GET /health lists the sources.',
    rules: { SourceFailing: 'max(graphomat_sources_failing) > 0' },
  },
  'storage.low': {
    part: 'disk',
    begins: 'Storage is low',
    ends: 'There is enough storage again',
    advice:
      'Make room on the disk under DATA_DIR. While it is full, only reading, deleting and purging work.',
    rules: {
      DiskAlmostFull: `graphomat_disk_bytes{kind="free"} / ignoring(kind) graphomat_disk_bytes{kind="total"} < ${LOW_DISK_SHARE}`,
    },
  },
  'seals.broken': {
    part: 'audit',
    begins: 'The audit log differs from its seals',
    ends: 'The audit log matches its seals again',
    advice: 'GET /audit/verification names the first event that was changed, added or removed.',
    rules: { SealsBroken: 'max(graphomat_job_last_failed{job_name="seal-verification"}) == 1' },
  },
} as const satisfies Readonly<Record<string, Condition>>;

export type ConditionId = keyof typeof CONDITIONS;
export const CONDITION_IDS = Object.keys(CONDITIONS) as ConditionId[];

/** Marks a part of `/health` in which a condition holds. */
export function holds(condition: ConditionId): { condition: ConditionId } {
  return { condition };
}

/**
 * Marks a part of `/health` that does not say whether its condition holds: it could not be read, or the service has
 * just started. A condition that held before is not over because of that.
 */
export const UNDECIDED = { undecided: true } as const;
