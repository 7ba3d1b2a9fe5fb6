import { countValues } from './count-values';
import { ImportFault } from './import-fault';
import {
  isArchiveManifest,
  parseHistory,
  parseManifest,
  type ArchivedHistory,
  type ArchivedManifest,
} from './parse-manifest';
import { documentPlaces, wholeDocument, type DocumentPlace } from './plain-documents';

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

/** Values of a parsed file: as objects, so many take some hundred MB. A manifest of 100,000 versions has half of it. */
const VALUES_MAX = 3_000_000;

/** Parses a JSON file of an upload. One with too many values is not parsed: it is one document, and no manifest. */
export function parseArchive<Task extends keyof ParseTasks>(
  task: Task,
  { bytes, path }: ParseJob,
): Parsed<ParseTasks[Task]> {
  try {
    const isLarge = countValues(bytes, VALUES_MAX) > VALUES_MAX;
    return { value: TASKS[task](isLarge ? TOO_MANY : jsonOf(bytes, path), bytes, path) };
  } catch (error) {
    if (error instanceof ImportFault) return { fault: error.message };
    throw error;
  }
}

const TASKS: {
  [Task in keyof ParseTasks]: (value: unknown, bytes: Uint8Array, path: string | null) => ParseTasks[Task];
} = {
  manifest: (value, _, path) => {
    if (value === TOO_MANY) throw tooMany(path);
    return isArchiveManifest(value) ? parseManifest(value) : null;
  },
  history: (value, _, path) => {
    if (value === TOO_MANY) throw tooMany(path);
    return parseHistory(value);
  },
  documents: (value, bytes, path) =>
    value === TOO_MANY ? [wholeDocument(bytes, path)] : documentPlaces(value, bytes, path),
};

const TOO_MANY = Symbol('too many values');

function tooMany(path: string | null): ImportFault {
  return new ImportFault(`${path} has more than ${VALUES_MAX} values, which is more than is read.`);
}

function jsonOf(bytes: Uint8Array, path: string | null): unknown {
  try {
    return JSON.parse(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
    ) as unknown;
  } catch {
    throw new ImportFault(`${path ?? 'The document'} is not JSON.`);
  }
}
