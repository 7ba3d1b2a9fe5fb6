import { GRAPH_STATUSES, type GraphStatus } from './graph-status';

/** The fields of a graph that each version keeps in addition to its config. */
export interface GraphTexts {
  title: string;
  description: string | null;
}

/** The requested change; undefined fields stay as they are. */
export interface GraphChange {
  title?: string | undefined;
  description?: string | null | undefined;
  status?: GraphStatus | undefined;
  /** The exact bytes of a JSON object or array. */
  config?: Buffer | undefined;
}

/** A graph with a required title. */
export type NewGraph = GraphChange & { title: string };

/** The number a status is stored under. */
export function statusCode(status: GraphStatus): number {
  return GRAPH_STATUSES.indexOf(status);
}

/** The status of a stored number. Throws for a number that this release does not know. */
export function statusName(code: number): GraphStatus {
  const status = GRAPH_STATUSES[code];
  if (!status) throw new Error(`Unknown graph status number: ${code}.`);
  return status;
}

/**
 * Longest folded title, in UTF-16 units: 2,400 bytes, which fit into a row of an index on PostgreSQL. Only a title of
 * ligatures, such as U+FDFA with its 18 letters, is longer; the rest of it can't be searched.
 */
const FOLDED_MAX = 800;

/** The form of a title that the title filter searches. Folded here because the databases fold letters differently. */
export function foldTitle(title: string): string {
  // A sigma at the end of a word has its own lower case, which would hide it from a search for part of a longer
  // word.
  return title.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ').slice(0, FOLDED_MAX).toWellFormed();
}
