import { GRAPH_STATUSES, type GraphStatus } from './graph-status';

/** What a version keeps of a graph besides its config. */
export interface GraphTexts {
  title: string;
  description: string | null;
}

/** A change as it was asked for; what is undefined stays as it is. */
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

/** The status behind a stored number; throws on a number no program of this version wrote. */
export function statusName(code: number): GraphStatus {
  const status = GRAPH_STATUSES[code];
  if (!status) throw new Error(`There is no graph status number ${code}.`);
  return status;
}

/** The form of a title that "title contains" is searched in; made here, because the databases fold letters differently. */
export function foldTitle(title: string): string {
  // A sigma at the end of a word has a lower case of its own, which would hide it from a longer word's part.
  return title.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ');
}
