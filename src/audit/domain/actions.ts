/**
 * Everything the journal knows, with the number it is stored under. A number is never given to another action;
 * the hundreds name the subject: 1 users, 2 graphs, 3 versions, 6 retention, 9 the service itself.
 */
export const ACTION_CODES = {
  'user.registered': 100,
  'user.signed_in': 101,
  'user.sign_in_failed': 102,
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
} as const;

export type Action = keyof typeof ACTION_CODES;
