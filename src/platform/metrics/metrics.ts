import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';

/** The service's metrics, in a registry of its own, so that two services in one process do not mix. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  /** Versions that did not read back with their own hash, each time one was met. */
  readonly damagedVersions = new Counter({
    name: 'graphomat_versions_damaged_total',
    help: 'Reads of a version that failed because its stored bytes were damaged or missing.',
    registers: [this.registry],
  });

  /** All metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}
