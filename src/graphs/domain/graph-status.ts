/** The status of a graph, in the order of the stored numbers; append new ones. */
export const GRAPH_STATUSES = ['draft', 'active', 'archived'] as const;
export type GraphStatus = (typeof GRAPH_STATUSES)[number];
