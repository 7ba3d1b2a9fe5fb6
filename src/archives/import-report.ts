import { AppError } from '../platform/errors/app-error';
import { ImportFault } from './domain/import-fault';

/** What an import did with one graph, or would do. `extended`: newer versions were added to a graph that is here. */
export type ImportAction = 'created' | 'extended' | 'skipped' | 'refused';

/** One graph of an upload. */
export interface ImportEntry {
  /** Its file or folder in the upload; null for a single JSON document. */
  name: string | null;
  title: string | null;
  action: ImportAction;
  /** The graph's UUID here; null where there is none. */
  graphId: string | null;
  /** Versions that were written, or would be; also those before the one that was refused. */
  versions: number;
  /** Why it was skipped or refused; null otherwise. */
  reason: string | null;
}

/** Why something can't be imported, for its sender. Throws any other error on: the whole import fails with it. */
export function reasonFor(error: unknown): string {
  if (error instanceof ImportFault) return error.message;
  if (error instanceof AppError && error.kind !== 'unavailable') return error.message;
  throw error;
}

/** The entry of something that can't be imported. */
export function refused(name: string | null, title: string | null, reason: string): ImportEntry {
  return { name, title, action: 'refused', graphId: null, versions: 0, reason };
}
