import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { Action } from '../audit/journal.service';
import { Metrics } from '../platform/metrics/metrics';

/** The outcome of a sign-in for each journal action. */
const OUTCOMES: Partial<Record<Action, string>> = {
  'user.signed_in': 'ok',
  'user.sign_in_failed': 'refused',
  'user.sign_in_throttled': 'throttled',
};

/** Metrics of sign-ins and throttling. */
@Injectable()
export class AuthMetrics {
  private readonly signIns: Counter;
  private readonly throttledRequests: Counter;

  constructor(metrics: Metrics) {
    const registers = [metrics.registry];
    this.signIns = new Counter({
      name: 'graphomat_sign_ins_total',
      help: 'Attempts to sign in with a password, by outcome.',
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

  /** Counts an event about an account. */
  noted(action: Action): void {
    const outcome = OUTCOMES[action];
    if (outcome !== undefined) this.signIns.inc({ outcome });
  }

  throttled(): void {
    this.throttledRequests.inc();
  }
}
