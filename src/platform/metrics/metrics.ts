import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { VERSION } from '../config/version';

/**
 * The service's metrics, in a registry of its own, so that two services in one process do not mix. A feature
 * registers its own here. Labels never hold ids: a series for each graph or user would grow without end.
 */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  /** Versions that did not read back with their own hash, each time one was met. */
  readonly damagedVersions = new Counter({
    name: 'graphomat_versions_damaged_total',
    help: 'Reads of a version that failed because its stored bytes were damaged or missing.',
    registers: [this.registry],
  });

  /** What happened, by the journal's own names: versions written, sign-ins, purges, runs. */
  readonly events = new Counter({
    name: 'graphomat_journal_events_total',
    help: 'Events appended to the journal by this process; one whose write was rolled back is counted too.',
    labelNames: ['action'],
    registers: [this.registry],
  });

  /** Bytes of versions: as they came, and as they are stored. */
  readonly versionBytes = new Counter({
    name: 'graphomat_version_bytes_total',
    help: 'Bytes of versions written by this process: `in` as the config came, `stored` as its frame.',
    labelNames: ['kind'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'graphomat_build_info',
      help: 'Always 1; the labels say what is running.',
      labelNames: ['version', 'node'],
      registers: [this.registry],
    }).set({ version: VERSION, node: process.version }, 1);
  }

  /** All metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}
