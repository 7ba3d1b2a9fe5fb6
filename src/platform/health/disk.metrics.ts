import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Metrics } from '../metrics/metrics';
import { DiskHealth } from './disk.health';

/** Space on the disk of DATA_DIR, read when Prometheus scrapes. */
@Injectable()
export class DiskMetrics {
  constructor(metrics: Metrics, disk: DiskHealth) {
    const bytes = new Gauge({
      name: 'graphomat_disk_bytes',
      help: 'Free space and size of the disk under DATA_DIR. Missing if it cannot be checked.',
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
    new Gauge({
      name: 'graphomat_disk_full',
      help: '1 while the disk of the database is full and only writes that free space are done.',
      registers: [metrics.registry],
      collect() {
        this.set(disk.isFull ? 1 : 0);
      },
    });
  }
}
