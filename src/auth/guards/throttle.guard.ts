import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { AuthenticatedRequest } from '../../platform/access/access.decorators';
import { Clock } from '../../platform/clock/clock';
import { AppConfig } from '../../platform/config/app-config';
import { tooManyRequests } from '../../platform/errors/app-error';
import { AuthMetrics } from '../auth-metrics';
import { networkOf } from '../../platform/http/network-of';
import { RateWindow } from '../domain/rate-window';

/** Routes for machines that watch the service: they ask often, and share an address with everybody behind a proxy. */
const EXEMPT = new Set(['/health', '/health/live', '/health/ready', '/metrics']);

/**
 * Second of the three global guards. THROTTLE_PER_MINUTE: requests per minute for each account, and for each network
 * of callers that are not signed in. 429 with `Retry-After` past the limit.
 */
@Injectable()
export class ThrottleGuard implements CanActivate {
  private readonly window: RateWindow;

  constructor(
    private readonly clock: Clock,
    config: AppConfig,
    private readonly metrics: AuthMetrics,
  ) {
    this.window = new RateWindow(config.get('THROTTLE_PER_MINUTE'));
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const route = request.routeOptions.url;
    if (route !== undefined && EXEMPT.has(route)) return true;
    const seconds = this.window.hit(request.user?.id ?? networkOf(request.ip), this.clock.now());
    if (seconds === 0) return true;
    this.metrics.throttled();
    throw tooManyRequests(seconds);
  }
}
