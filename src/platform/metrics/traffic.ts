import { Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import { Clock } from '../clock/clock';
import { LATENCY_MINUTES, Latencies } from './latencies';
import { Metrics } from './metrics';
import { MinuteCounts } from './minute-counts';

/** One finished request. */
export interface FinishedRequest {
  method: string;
  /** The route's pattern, never the URL, which contains ids. */
  route: string;
  status: number;
  /** Duration, ms. */
  ms: number;
  /** The stable code of the error; null if there was none. */
  code: string | null;
}

/** The last hour of one route, in this process. */
export interface RouteFigures {
  method: string;
  route: string;
  count: number;
  perSecond: number;
  /** Upper bounds, ms; null if there were no requests. */
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** Number of responses with an error, in this process. */
export interface ErrorFigures {
  code: string;
  last5Minutes: number;
  lastHour: number;
  last24Hours: number;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const WINDOWS_MINUTES = [5, 60, 1_440] as const;

/**
 * HTTP traffic: Prometheus metrics since the start, and figures of the last hour and day for people. Only this
 * process. The routes and codes in the source limit the cardinality.
 */
@Injectable()
export class Traffic {
  private readonly routes = new Map<string, { method: string; route: string; latencies: Latencies }>();
  private readonly errors = new Map<string, MinuteCounts>();
  private readonly all = new MinuteCounts();
  private readonly durations: Histogram<'method' | 'route' | 'status'>;
  private readonly problems: Counter<'code'>;

  constructor(
    metrics: Metrics,
    private readonly clock: Clock,
  ) {
    const registers = [metrics.registry];
    this.durations = new Histogram({
      name: 'graphomat_http_request_duration_seconds',
      help: 'Time from a request to the end of its response.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    this.problems = new Counter({
      name: 'graphomat_http_problems_total',
      help: 'Error responses, by stable code.',
      labelNames: ['code'],
      registers,
    });
  }

  record({ method: verb, route, status, ms, code }: FinishedRequest): void {
    const method = METHODS.has(verb) ? verb : 'other';
    const now = this.clock.now();
    this.durations.observe({ method, route, status }, ms / 1_000);
    this.all.add(now);
    this.latenciesOf(method, route).add(ms, now);
    if (code === null) return;
    this.problems.inc({ code });
    this.countsOf(code).add(now);
  }

  /** Each route that was requested in the last hour. */
  performance(): RouteFigures[] {
    const now = this.clock.now();
    return [...this.routes.values()]
      .map(({ method, route, latencies }) => {
        const { count, percentiles } = latencies.summary([0.5, 0.95, 0.99], now);
        const [p50 = null, p95 = null, p99 = null] = percentiles;
        const perSecond = round(count / (LATENCY_MINUTES * 60));
        return { method, route, count, perSecond, p50, p95, p99 };
      })
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count);
  }

  /** Requests of the last 5 minutes, hour and 24 hours. */
  requests(): [number, number, number] {
    const now = this.clock.now();
    return WINDOWS_MINUTES.map((minutes) => this.all.last(minutes, now)) as [number, number, number];
  }

  /** Each error of the last 24 hours. */
  errorCounts(): ErrorFigures[] {
    const now = this.clock.now();
    return [...this.errors]
      .map(([code, counts]) => {
        const [last5Minutes, lastHour, last24Hours] = WINDOWS_MINUTES.map((minutes) =>
          counts.last(minutes, now),
        ) as [number, number, number];
        return { code, last5Minutes, lastHour, last24Hours };
      })
      .filter(({ last24Hours }) => last24Hours > 0)
      .sort((a, b) => b.last24Hours - a.last24Hours);
  }

  private latenciesOf(method: string, route: string): Latencies {
    const key = `${method} ${route}`;
    let known = this.routes.get(key);
    if (!known) this.routes.set(key, (known = { method, route, latencies: new Latencies() }));
    return known.latencies;
  }

  private countsOf(code: string): MinuteCounts {
    let counts = this.errors.get(code);
    if (!counts) this.errors.set(code, (counts = new MinuteCounts()));
    return counts;
  }
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
