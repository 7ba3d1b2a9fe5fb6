import type { EditRules } from '../edit-rules';

const GRAPH = ['panels', 'rows'];
/** A folded row holds its panels, an open row is in front of them in the list. */
const PANELS = ['panels', 'collapsed'];

/** Grafana's classic dashboards: panels in a list, whose order says which row they are in; no edges. */
export const grafanaRules: EditRules = {
  ends: [],
  byOrder: true,
  structure: (_, { type, role }) => (type === 'graph' && role === 'sheet' ? GRAPH : PANELS),
  settle: () => undefined,
  settleEdge: () => undefined,
};
