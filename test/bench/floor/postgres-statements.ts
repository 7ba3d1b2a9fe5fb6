/*
 * What the service sends to PostgreSQL for a signed-in request, written down for the floor: the same texts, the
 * same rows, as many round trips as a program makes that asks one thing after the other.
 */

const list = (columns: string) => columns.split(' ');

/** The columns of a graph that a change writes. */
export const CHANGING_COLUMNS = list(
  'version status text_version seq updated_at deleted_at purge_at prune_due_at config_bytes anchor_version anchors ' +
    'since_anchor config_sha256 title title_folded description head',
);
export const GRAPH_COLUMNS = [...list('user_key key id created_at'), ...CHANGING_COLUMNS];
export const VERSION_COLUMNS = list(
  'user_key graph_key version base_version change status text_version created_at valid_until label pinned ' +
    'restored_from config_bytes seq config_sha256 frame',
);
const COUNTS = list('graphs versions config_bytes head_bytes frame_bytes');
const COUNTER_COLUMNS = [...list('user_key part'), ...COUNTS];

/** A row's values by their columns. */
export type Values = Record<string, unknown>;

/** A row's values in the order of the columns. Throws on one that is missing: that would be another statement. */
export function valuesOf(columns: readonly string[], row: Values): unknown[] {
  const missing = columns.find((column) => row[column] === undefined);
  if (missing !== undefined) throw new Error(`The floor's row has no ${missing}.`);
  return columns.map((column) => row[column]);
}

const names = (columns: readonly string[]) => columns.join(', ');
const places = (columns: readonly string[], from = 1) => columns.map((_, at) => `$${at + from}`).join(', ');

/** One way there and back, although they are two statements: handwritten code would send them like this too. */
export const BEGIN = `BEGIN; SELECT set_config('statement_timeout', '60000', true), set_config('lock_timeout', '10000', true),
   set_config('idle_in_transaction_session_timeout', '30000', true), pg_current_xact_id()`;

export const FIND_SESSION = `SELECT u.key, u.id, u.role FROM users u JOIN sessions s ON s.user_key = u.key
   WHERE u.id = $1 AND u.is_active = 1 AND u.deleted_at IS NULL AND s.id = $2`;

export const FIND_GRAPH = `SELECT ${names(GRAPH_COLUMNS)} FROM graphs WHERE user_key = $1 AND id = $2`;

export const INSERT_GRAPH = `INSERT INTO graphs (${names(GRAPH_COLUMNS)}) VALUES (${places(GRAPH_COLUMNS)})`;

export const INSERT_EVENT = `INSERT INTO journal (at, user_key, actor_key, action, subject_id, version, request_id, ip, details)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING seq`;

export const REPLACE_GRAPH = `UPDATE graphs SET ${CHANGING_COLUMNS.map((column, at) => `${column} = $${at + 1}`).join(', ')}
   WHERE user_key = $18 AND key = $19 AND seq = $20`;

/** The version's row and, joined with it, the user's counters: two statements that would be two ways there and back. */
export const INSERT_VERSION = `WITH counted AS (
     INSERT INTO user_usage (${names(COUNTER_COLUMNS)}) VALUES (${places(COUNTER_COLUMNS)})
     ON CONFLICT (user_key, part) DO UPDATE SET ${COUNTS.map((name) => `${name} = user_usage.${name} + excluded.${name}`).join(', ')})
   INSERT INTO versions (${names(VERSION_COLUMNS)}) VALUES (${places(VERSION_COLUMNS, COUNTER_COLUMNS.length + 1)})`;
