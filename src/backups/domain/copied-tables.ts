import type { BlockTable } from './row-block';

/** A table that is copied: rows whose `seq` is past the last copied one. */
export interface CopiedTable extends BlockTable {
  /** The column that holds bytes without bound, where there is one. */
  large?: string;
  /** The column by which new rows are found, where it is not `seq`; rows are never changed then but by expiry. */
  mark?: 'number';
}

/**
 * Everything that is copied out of the database, table by table, in the order in which it is read and loaded. Each
 * table has a `seq`, the number of the journal's event that wrote the row last, or a number of its own. A test compares this list with the
 * entities: a table that is neither here nor in NOT_COPIED, or a column that is missing, fails it.
 */
export const COPIED_TABLES: readonly CopiedTable[] = [
  {
    table: 'users',
    key: ['key'],
    owner: 'key',
    columns: ['key', 'id', 'seq', 'created_at', 'is_active', 'deleted_at', 'role', 'email', 'password_hash'],
  },
  {
    table: 'journal',
    key: ['seq'],
    owner: 'user_key',
    columns: [
      'seq',
      'at',
      'user_key',
      'actor_key',
      'action',
      'subject_id',
      'version',
      'request_id',
      'ip',
      'details',
    ],
  },
  {
    table: 'seals',
    key: ['number'],
    owner: null,
    mark: 'number',
    columns: [
      'number',
      'from_seq',
      'to_seq',
      'events',
      'made_at',
      'previous',
      'digest',
      'expired_at',
      'expiry_digest',
      'tags',
    ],
  },
  {
    table: 'graphs',
    key: ['user_key', 'key'],
    owner: 'user_key',
    large: 'head',
    columns: [
      'user_key',
      'key',
      'id',
      'version',
      'status',
      'text_version',
      'seq',
      'created_at',
      'updated_at',
      'deleted_at',
      'purge_at',
      'prune_due_at',
      'config_bytes',
      'anchor_version',
      'anchors',
      'since_anchor',
      'config_sha256',
      'title',
      'title_folded',
      'description',
      'head',
    ],
  },
  {
    table: 'policies',
    key: ['user_key', 'graph_key'],
    owner: 'user_key',
    columns: [
      'user_key',
      'graph_key',
      'seq',
      'changed_at',
      'keep_last',
      'keep_within_hours',
      'keep_hourly',
      'keep_daily',
      'keep_weekly',
      'keep_monthly',
      'keep_yearly',
      'deleted_retention_days',
    ],
  },
  {
    table: 'version_texts',
    key: ['user_key', 'graph_key', 'version'],
    owner: 'user_key',
    columns: ['user_key', 'graph_key', 'version', 'seq', 'title', 'description'],
  },
  {
    table: 'versions',
    key: ['user_key', 'graph_key', 'version'],
    owner: 'user_key',
    large: 'frame',
    columns: [
      'user_key',
      'graph_key',
      'version',
      'base_version',
      'change',
      'status',
      'text_version',
      'created_at',
      'valid_until',
      'label',
      'pinned',
      'restored_from',
      'config_bytes',
      'seq',
      'config_sha256',
      'frame',
    ],
  },
];

/** What is not copied, each with its reason. */
export const NOT_COPIED: Readonly<Record<string, string>> = {
  user_keys: 'wrapped keys are stored next to the segments, so that destroying one reaches every copy',
  master_keys: 'a rebuild notes the master keys that the wrapped keys name',
  idempotency_keys: 'they live for a day; a retry after a rebuild makes a second graph and loses nothing',
  staged_changes: 'there only while one account recovery is being written',
  sessions: 'a rebuild ends all sessions',
  api_tokens: 'tokens are void after a rebuild',
  password_resets: 'links for forgotten passwords live for half an hour',
  graph_chores: 'work that is owed in this place; after a rebuild every graph is looked at',
  clock_marks: 'what this place knows of its clock',
  retention_state: 'what retention remembers in this place',
  jobs: 'who runs what now means nothing in another place',
  job_runs: 'records of runs in this place',
  user_usage: 'counters of rows; a rebuild counts them again',
  usage_points: 'how this place has grown',
  health_probe: 'one row that a health check writes over',
  vault_state: 'it says how far the vault is, and the vault says so itself',
  backup_runs: 'records of copies; the segments say what they hold',
  backup_verifications: 'records of verifications in this place',
  rebuild_progress: 'there only while a rebuild is under way',
};

/** Rows that an event removes: a removed row has no `seq` by which a copy could find it. */
export const REMOVING_ACTIONS = {
  'graph.purged': 'graph',
  'versions.pruned': 'versions',
} as const;
export type RemovingAction = keyof typeof REMOVING_ACTIONS;
