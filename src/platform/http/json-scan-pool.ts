import { Piscina } from 'piscina';
import { workerFile } from '../workers/worker-file';
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
const IDLE_MS = 30_000;

/**
 * `scanJson` for callers who must not block: small texts at once, larger ones in a worker thread, which starts with the
 * first of them and ends after 30 s without one. Bytes in shared memory are not copied on the way.
 */
export class JsonScanPool {
  private pool: Piscina | null = null;

  /** Throws, or rejects with, what `scanJson` throws. */
  scan(bytes: Uint8Array, options: JsonScanOptions): JsonScan | Promise<JsonScan> {
    return bytes.byteLength <= INLINE_BYTES ? scanJson(bytes, options) : this.scanAside({ bytes, options });
  }

  /** Stops the worker; what it has not scanned yet is rejected. */
  async close(): Promise<void> {
    const { pool } = this;
    this.pool = null;
    await pool?.destroy();
  }

  private async scanAside(job: ScanJob): Promise<JsonScan> {
    this.pool ??= new Piscina({
      filename: workerFile(__dirname, 'json-scan.worker'),
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: IDLE_MS,
    });
    const answer = (await this.pool.run(job, { name: 'scan' })) as JsonScan | ScanFault;
    if ('fault' in answer) throw errorOf(answer);
    return answer;
  }
}

function errorOf({ fault, offset, reason }: ScanFault): JsonScanError {
  return fault === 'depth' ? new JsonDepthError(offset, reason) : new JsonSyntaxError(offset, reason);
}
