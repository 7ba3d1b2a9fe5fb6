import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry, collectDefaultMetrics, type Metric } from 'prom-client';
import { VERSION } from '../config/version';

let ofProcess: Registry | undefined;

/**
 * The metrics of the process and of Node.js, made once for each process: prom-client never ends what measures them, a
 * timer of 10 ms and an observer of the garbage collection that would keep each closed service in memory.
 */
function processMetrics(): Metric[] {
  if (!ofProcess) collectDefaultMetrics({ register: (ofProcess = new Registry()) });
  return ofProcess.getMetricsAsArray() as unknown as Metric[];
}

/**
 * The service's metrics, in their own registry, so that two services in one process are separate. Features register
 * their metrics here. Labels never contain ids: a series per graph or user would grow without limit.
 */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  /** Reads of versions that did not match their hash. */
  readonly damagedVersions = new Counter({
    name: 'graphomat_versions_damaged_total',
    help: 'Reads of a version that failed because its stored bytes were damaged or missing.',
    registers: [this.registry],
  });

  /** Events by the names of the journal: versions written, sign-ins, purges, runs. */
  readonly events = new Counter({
    name: 'graphomat_journal_events_total',
    help: 'Events appended to the journal by this process, including rolled back ones.',
    labelNames: ['action'],
    registers: [this.registry],
  });

  /** Bytes of versions: as sent, and as stored. */
  readonly versionBytes = new Counter({
    name: 'graphomat_version_bytes_total',
    help: 'Bytes of versions written by this process: `in` as sent, `stored` as compressed.',
    labelNames: ['kind'],
    registers: [this.registry],
  });

  constructor() {
    for (const metric of processMetrics()) this.registry.registerMetric(metric);
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
