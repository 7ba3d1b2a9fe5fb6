import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Clock } from '../platform/clock/clock';
import { withinMs } from '../platform/health/time-limit';
import { ObjectStore, ObjectStoreError, type StoreFault } from '../platform/objects/object-store';

/** An object store may be far away, ms. */
const WITHIN_MS = 5_000;
/** How long the result of a write is reused, ms: anybody can request /health often. */
const PROBE_HOLDS_MS = 30_000;
/** The object that is written to check that writing works. It belongs to no lineage of copies. */
const PROBE = 'health/probe';

// Anybody can read these: no path, no address.
const REASONS: Readonly<Record<StoreFault, string>> = {
  missing: 'the backup store does not exist',
  denied: 'the backup store refuses writes: check its permissions or its credentials',
  full: 'the backup store is full',
  unreachable: 'the backup store does not answer, or answers with an error',
};

/** Whether the backup store accepts writes. */
@Injectable()
export class BackupStoreHealth {
  private probed: { at: number; fault: Promise<string | null> } | undefined;

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly objects: ObjectStore,
    private readonly clock: Clock,
  ) {}

  /** Writes a small object. Degraded, never down, if that fails: `BackupsHealth.check` says when it matters. */
  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('vault');
    const reason = await withinMs(WITHIN_MS, this.probe()).catch(
      () => `the backup store did not take a small object within ${WITHIN_MS} ms`,
    );
    return reason === null ? indicator.up() : indicator.up({ degraded: true, reason });
  }

  private probe(): Promise<string | null> {
    const at = this.clock.now();
    if (!this.probed || Math.abs(at - this.probed.at) >= PROBE_HOLDS_MS)
      this.probed = { at, fault: this.write() };
    return this.probed.fault;
  }

  private async write(): Promise<string | null> {
    try {
      await this.objects.put(PROBE, [Buffer.from('ok\n')], AbortSignal.timeout(WITHIN_MS));
      return null;
    } catch (error) {
      return REASONS[error instanceof ObjectStoreError ? error.fault : 'unreachable'];
    }
  }
}
