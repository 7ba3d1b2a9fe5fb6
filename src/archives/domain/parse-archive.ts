import { ImportFault } from './import-fault';
import {
  isArchiveManifest,
  parseHistory,
  parseManifest,
  type ArchivedHistory,
  type ArchivedManifest,
} from './parse-manifest';
import { documentPlaces, type DocumentPlace } from './plain-documents';

/** A JSON file of an upload. `path`: its name there; null for a body. */
export interface ParseJob {
  readonly bytes: Uint8Array;
  readonly path: string | null;
}

/** What each task makes of a file. */
export interface ParseTasks {
  manifest: ArchivedManifest | null;
  history: ArchivedHistory;
  documents: DocumentPlace[];
}

/** What came of it: errors lose their class on the way between threads. */
export type Parsed<T> = { value: T } | { fault: string };

/** Parses a JSON file of an upload. */
export function parseArchive<Task extends keyof ParseTasks>(
  task: Task,
  { bytes, path }: ParseJob,
): Parsed<ParseTasks[Task]> {
  try {
    return { value: TASKS[task](jsonOf(bytes, path), bytes, path) };
  } catch (error) {
    if (error instanceof ImportFault) return { fault: error.message };
    throw error;
  }
}

const TASKS: {
  [Task in keyof ParseTasks]: (value: unknown, bytes: Uint8Array, path: string | null) => ParseTasks[Task];
} = {
  manifest: (value) => (isArchiveManifest(value) ? parseManifest(value) : null),
  history: (value) => parseHistory(value),
  documents: documentPlaces,
};

function jsonOf(bytes: Uint8Array, path: string | null): unknown {
  try {
    return JSON.parse(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
    ) as unknown;
  } catch {
    throw new ImportFault(`${path ?? 'The document'} is not JSON.`);
  }
}
