/**
 * Everything the journal knows, with the number it is stored under. A number is never given to another action;
 * the hundreds name the subject: 1 users, 2 graphs, 3 versions, 6 retention, 9 the service itself.
 */
export const ACTION_CODES = {
  'user.registered': 100,
  'user.signed_in': 101,
  'user.sign_in_failed': 102,
  'user.signed_out': 103,
  'user.session_renewed': 104,
  'user.refresh_token_reused': 105,
  'user.password_changed': 106,
  'user.password_refused': 107,
  'user.sign_in_throttled': 108,
  'user.api_token_made': 110,
  'user.api_token_revoked': 111,
  'user.role_changed': 120,
  'user.disabled': 121,
  'user.enabled': 122,
  'user.deleted': 123,
  'user.data_removed': 124,
  'user.access_refused': 130,
  'graph.created': 200,
  'graph.updated': 201,
  'graph.deleted': 202,
  'graph.recovered': 203,
  'graph.restored': 204,
  'graph.imported': 205,
  'graph.purged': 206,
  'version.changed': 300,
  'version.damaged': 301,
  'versions.pruned': 302,
  'versions.repacked': 303,
  'policy.changed': 600,
  'retention.stopped': 601,
  'retention.forced': 602,
  'service.log_level_changed': 900,
  'service.master_key_changed': 901,
} as const;

export type Action = keyof typeof ACTION_CODES;
