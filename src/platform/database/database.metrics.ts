import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Metrics } from '../metrics/metrics';
import { UnitOfWork } from './unit-of-work';

/** Metrics of the unit of work, read when Prometheus scrapes. */
@Injectable()
export class DatabaseMetrics {
  constructor(metrics: Metrics, unitOfWork: UnitOfWork) {
    const registers = [metrics.registry];
    new Gauge({
      name: 'graphomat_database_writes_waiting',
      help: 'Writes that are queued or running.',
      registers,
      collect() {
        this.set(unitOfWork.state().waiting);
      },
    });
    counterOf(
      registers,
      'graphomat_database_commits_total',
      'Durable commits.',
      () => unitOfWork.state().commits,
    );
    counterOf(
      registers,
      'graphomat_database_units_total',
      'Writes in these commits. Divided by the commits, this is the group size.',
      () => unitOfWork.state().units,
    );
    new Gauge({
      name: 'graphomat_database_connections',
      help: 'Connections to PostgreSQL by state; none on SQLite.',
      labelNames: ['state'],
      registers,
      collect() {
        for (const [state, count] of Object.entries(unitOfWork.pool())) this.set({ state }, count);
      },
    });
  }
}

/** A counter whose value is kept elsewhere. */
function counterOf(registers: Metrics['registry'][], name: string, help: string, read: () => number): void {
  new Counter({
    name,
    help,
    registers,
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}
