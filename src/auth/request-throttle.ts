import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { AppError } from '../platform/errors/app-error';
import { AuthMetrics } from './auth-metrics';
import { RateWindow, networkOf } from './domain/rate-window';

/** Asked for by machines that watch the service, often and by the same address as everybody behind a proxy. */
const FREE = new Set(['/health', '/health/live', '/health/ready', '/metrics']);

/** THROTTLE_PER_MINUTE: requests a minute for each account, and for each network of those who are not signed in. */
@Injectable()
export class RequestThrottle {
  private readonly window: RateWindow;

  constructor(
    private readonly clock: Clock,
    config: AppConfig,
    private readonly metrics: AuthMetrics,
  ) {
    this.window = new RateWindow(config.get('THROTTLE_PER_MINUTE'));
  }

  /** Counts a request of `who`, an account's id or an address; throws 429 when it is one too many. */
  take(who: string, route: string | undefined): void {
    if (route !== undefined && FREE.has(route)) return;
    const wait = this.window.hit(networkOf(who), this.clock.now());
    if (wait === 0) return;
    this.metrics.throttled();
    throw tooMany(wait);
  }
}

/** 429 with `Retry-After`, seconds. */
export function tooMany(seconds: number): AppError {
  return new AppError('too_many', 'too-many-requests', `Too many requests; try again in ${seconds} s.`, {
    retryAfter: seconds,
  });
}
