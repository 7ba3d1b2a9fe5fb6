import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Metrics } from '../metrics/metrics';
import { UnitOfWork } from './unit-of-work';

/** How the one door to the database is doing, read when Prometheus asks. */
@Injectable()
export class DatabaseMetrics {
  constructor(metrics: Metrics, unitOfWork: UnitOfWork) {
    const registers = [metrics.registry];
    new Gauge({
      name: 'graphomat_database_writes_waiting',
      help: 'Writes that stand in the queue or run now.',
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
      'Writes answered by those commits; divided by the commits, the size of a group.',
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
