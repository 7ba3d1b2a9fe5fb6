import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { Action } from '../audit/journal.service';
import { Metrics } from '../platform/metrics/metrics';

/** What an event of the journal says of an attempt to sign in. */
const OUTCOMES: Partial<Record<Action, string>> = {
  'user.signed_in': 'ok',
  'user.sign_in_failed': 'refused',
  'user.sign_in_throttled': 'throttled',
};

/** What signing in and throttling tell Prometheus. */
@Injectable()
export class AuthMetrics {
  private readonly signIns: Counter;
  private readonly throttledRequests: Counter;

  constructor(metrics: Metrics) {
    const registers = [metrics.registry];
    this.signIns = new Counter({
      name: 'graphomat_sign_ins_total',
      help: 'Attempts to sign in with a password, by how they ended.',
      labelNames: ['outcome'],
      registers,
    });
    this.throttledRequests = new Counter({
      name: 'graphomat_requests_throttled_total',
      help: 'Requests refused by THROTTLE_PER_MINUTE.',
      registers,
    });
    for (const outcome of Object.values(OUTCOMES)) this.signIns.inc({ outcome }, 0);
  }

  /** An event about an account was noted. */
  noted(action: Action): void {
    const outcome = OUTCOMES[action];
    if (outcome !== undefined) this.signIns.inc({ outcome });
  }

  throttled(): void {
    this.throttledRequests.inc();
  }
}
