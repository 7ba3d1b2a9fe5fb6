import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AppError } from '../platform/errors/app-error';
import { WorkerPool, WorkerRefusedError } from '../platform/workers/worker-pool';
import { Workers } from '../platform/workers/workers';
import { parseArchive, type ParseJob, type ParseTasks, type Parsed } from './domain/parse-archive';
import { ImportFault } from './domain/import-fault';
import type { ArchivedHistory, ArchivedManifest } from './domain/parse-manifest';
import type { DocumentPlace } from './domain/plain-documents';

/** Parsed on the calling thread in 1 to 2 ms. */
const INLINE_BYTES = 64 * 1024;
/** More than the largest file takes that is parsed (see parse-archive.ts). */
const LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 32 };
const TIME_LIMIT_MS = 60_000;
/** More imports than can run at the same time. */
const WAITING = 8;

/** Parses the JSON files of uploads: small ones at once, larger ones in a worker thread with limited memory. */
@Injectable()
export class ArchiveParser implements OnApplicationShutdown {
  private readonly pool: WorkerPool;

  constructor(workers: Workers) {
    const where = { name: 'archive-parse', directory: __dirname, file: 'archive-parse.worker' };
    const limits = { threads: 1, waiting: WAITING, timeLimitMs: TIME_LIMIT_MS, resourceLimits: LIMITS };
    this.pool = new WorkerPool({ ...where, ...limits }, workers);
  }

  /** A `manifest.json`; null if no export of ours wrote it. Throws ImportFault, as the others do. */
  manifest(bytes: Buffer, path: string): Promise<ArchivedManifest | null> {
    return this.parse('manifest', { bytes, path });
  }

  /** A `graph.json`. */
  history(bytes: Buffer, path: string): Promise<ArchivedHistory> {
    return this.parse('history', { bytes, path });
  }

  /** The workflows of a JSON file; `path`: its name, null for a body. */
  documents(bytes: Buffer, path: string | null): Promise<DocumentPlace[]> {
    return this.parse('documents', { bytes, path });
  }

  onApplicationShutdown(): Promise<void> {
    return this.pool.close();
  }

  private async parse<Task extends keyof ParseTasks>(task: Task, data: ParseJob): Promise<ParseTasks[Task]> {
    const isSmall = data.bytes.length <= INLINE_BYTES;
    const parsed = isSmall ? parseArchive(task, data) : await this.parseAside(task, data);
    if ('fault' in parsed) throw new ImportFault(parsed.fault);
    return parsed.value;
  }

  private async parseAside<Task extends keyof ParseTasks>(
    task: Task,
    data: ParseJob,
  ): Promise<Parsed<ParseTasks[Task]>> {
    try {
      return await this.pool.run({ task, data });
    } catch (error) {
      throw refusal(error, data.path);
    }
  }
}

function refusal(error: unknown, path: string | null): unknown {
  if (!(error instanceof WorkerRefusedError)) return error;
  if (error.reason === 'memory' || error.reason === 'time')
    return new ImportFault(`${path ?? 'The document'} has too many values to be read.`);
  return new AppError('unavailable', 'imports-busy', BUSY, { cause: error, retryAfter: 30 });
}

const BUSY = 'Other imports are in progress. Try again shortly.';
