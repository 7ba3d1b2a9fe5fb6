import { Injectable } from '@nestjs/common';
import type { RequestOrigin } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { tooManyRequests } from '../platform/errors/app-error';
import { networkOf } from '../platform/http/network-of';
import { AuthMetrics } from './auth-metrics';
import { RateWindow } from './domain/rate-window';

/** THROTTLE_LOGIN_PER_MINUTE registrations for each network, before their passwords are hashed. */
@Injectable()
export class RegistrationThrottle {
  private readonly networks: RateWindow;

  constructor(
    private readonly clock: Clock,
    private readonly metrics: AuthMetrics,
    config: AppConfig,
  ) {
    this.networks = new RateWindow(config.get('THROTTLE_LOGIN_PER_MINUTE'));
  }

  /** Counts an attempt. Throws 429 if there are too many. */
  take({ ip }: RequestOrigin): void {
    const wait = this.networks.hit(networkOf(ip), this.clock.now());
    if (wait === 0) return;
    this.metrics.throttled();
    throw tooManyRequests(wait);
  }
}
