/** An edge as differences have it. */
export interface Edge {
  source: string;
  target: string;
  source_name?: string;
  target_name?: string;
}

/** An edge by the names of its nodes; a node without a name by its id. */
export function edgeName({ source, source_name, target, target_name }: Edge): string {
  return `${source_name ?? source} › ${target_name ?? target}`;
}

/** An edge by the ids of its nodes; undefined if its name already says them. */
export function edgeIds(edge: Edge): string | undefined {
  const ids = `${edge.source} › ${edge.target}`;
  return ids === edgeName(edge) ? undefined : ids;
}
