import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { secretsIn } from '../graphs/domain/count-secrets';
import { WorkerPool } from '../platform/workers/worker-pool';
import { Workers } from '../platform/workers/workers';

/** Counted on the calling thread in less than 2 ms. */
const INLINE_BYTES = 64 * 1024;
const QUEUE_MAX = 64;
const TIME_LIMIT_MS = 10_000;

/** Counts literal secrets in documents: small ones at once, larger ones in a worker thread. */
@Injectable()
export class SecretCounter implements OnModuleDestroy {
  private readonly pool: WorkerPool;

  constructor(workers: Workers) {
    const where = { name: 'secrets', directory: __dirname, file: 'secrets.worker' };
    this.pool = new WorkerPool(
      { ...where, threads: 1, waiting: QUEUE_MAX, timeLimitMs: TIME_LIMIT_MS },
      workers,
    );
  }

  onModuleDestroy(): Promise<void> {
    return this.pool.close();
  }

  /** Null if they cannot be counted: nothing depends on it. */
  async count(bytes: Buffer): Promise<number | null> {
    try {
      if (bytes.length <= INLINE_BYTES) return secretsIn(bytes);
      return await this.pool.run<number>({ task: 'count', data: bytes });
    } catch {
      return null;
    }
  }
}
