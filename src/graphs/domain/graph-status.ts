/** A graph's own status, in the order of the numbers it is stored under; a new one goes to the end. */
export const GRAPH_STATUSES = ['draft', 'active', 'archived'] as const;
export type GraphStatus = (typeof GRAPH_STATUSES)[number];
