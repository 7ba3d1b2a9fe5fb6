import { AppError } from '../errors/app-error';
import { WorkerPool, WorkerRefusedError } from '../workers/worker-pool';
import { type Workers } from '../workers/workers';
import {
  JsonDepthError,
  JsonSyntaxError,
  scanJson,
  type JsonScan,
  type JsonScanError,
  type JsonScanOptions,
} from './json-scan';
import type { ScanFault, ScanJob } from './json-scan.worker';

/** Scanned on the calling thread in 1 to 2 ms; 9 MB would hold everybody up for 25 to 50. */
const INLINE_BYTES = 256 * 1024;
/** Bodies that may wait; each is held in memory meanwhile. */
const QUEUE_MAX = 256;

/**
 * `scanJson` for callers who must not block: small texts at once, larger ones in a worker thread, which starts with the
 * first of them and ends after 30 s without one. Bytes in shared memory are not copied on the way.
 */
export class JsonScanPool {
  private readonly pool: WorkerPool;

  constructor(workers?: Workers) {
    const where = { name: 'json-scan', directory: __dirname, file: 'json-scan.worker' };
    this.pool = new WorkerPool({ ...where, threads: 1, waiting: QUEUE_MAX }, workers);
  }

  /** Throws, or rejects with, what `scanJson` throws; rejects with an `unavailable` AppError when too many wait. */
  scan(bytes: Uint8Array, options: JsonScanOptions): JsonScan | Promise<JsonScan> {
    return bytes.byteLength <= INLINE_BYTES ? scanJson(bytes, options) : this.scanAside({ bytes, options });
  }

  /** Stops the worker; what it has not scanned yet is rejected. */
  close(): Promise<void> {
    return this.pool.close();
  }

  private async scanAside(job: ScanJob): Promise<JsonScan> {
    const answer = await this.answerTo(job);
    if ('fault' in answer) throw errorOf(answer);
    return answer;
  }

  private async answerTo(data: ScanJob): Promise<JsonScan | ScanFault> {
    try {
      return await this.pool.run({ task: 'scan', data });
    } catch (error) {
      throw refusal(error);
    }
  }
}

function refusal(error: unknown): unknown {
  if (!(error instanceof WorkerRefusedError)) return error;
  const sentence =
    'Too many large bodies are being read at the moment; nothing was written. Try again shortly.';
  return new AppError('unavailable', 'bodies-busy', sentence, { cause: error, retryAfter: 2 });
}

function errorOf({ fault, offset, reason }: ScanFault): JsonScanError {
  return fault === 'depth' ? new JsonDepthError(offset, reason) : new JsonSyntaxError(offset, reason);
}
