import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Metrics } from '../metrics/metrics';
import { DiskHealth } from './disk.health';

/** Room on the disk that holds DATA_DIR, read when Prometheus asks. */
@Injectable()
export class DiskMetrics {
  constructor(metrics: Metrics, disk: DiskHealth) {
    const bytes = new Gauge({
      name: 'graphomat_disk_bytes',
      help: 'The disk under DATA_DIR: what is free, and its size. Missing while it cannot be looked at.',
      labelNames: ['kind'],
      registers: [metrics.registry],
      async collect() {
        bytes.reset();
        const space = await disk.space().catch(() => null);
        if (!space) return;
        bytes.set({ kind: 'free' }, space.freeBytes);
        bytes.set({ kind: 'total' }, space.totalBytes);
      },
    });
  }
}
