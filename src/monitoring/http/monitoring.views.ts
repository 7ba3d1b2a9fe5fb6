import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { LOG_LEVELS, type LogLevel } from '../../platform/logging/log';
import type { ErrorFigures, RouteFigures } from '../../platform/metrics/traffic';

const ms = (example: number) => ({
  type: Number,
  nullable: true,
  description: 'Milliseconds, at most a fifth too high.',
  example,
});

/** The log level. */
export class LogLevelBody {
  @ApiProperty({ enum: LOG_LEVELS, example: 'debug' })
  @IsIn(LOG_LEVELS)
  level!: LogLevel;
}

/** The last hour of one route. */
export class RouteView {
  @ApiProperty({ example: 'PUT' })
  method!: string;

  @ApiProperty({ example: '/api/v1/graphs/:id' })
  route!: string;

  @ApiProperty({ description: 'Requests.', example: 1200 })
  count!: number;

  @ApiProperty({ description: 'Average requests per second.', example: 0.333 })
  per_second!: number;

  @ApiProperty(ms(2.4))
  p50_ms!: number | null;

  @ApiProperty(ms(7.3))
  p95_ms!: number | null;

  @ApiProperty(ms(18.2))
  p99_ms!: number | null;

  static from({ method, route, count, perSecond, p50, p95, p99 }: RouteFigures): RouteView {
    return { method, route, count, per_second: perSecond, p50_ms: p50, p95_ms: p95, p99_ms: p99 };
  }
}

/** `GET /monitoring/performance` */
export class PerformanceView {
  @ApiProperty({ description: 'Length of the period up to now, minutes.', example: 60 })
  minutes!: number;

  @ApiProperty({ type: [RouteView] })
  routes!: RouteView[];

  static from(routes: RouteFigures[]): PerformanceView {
    return { minutes: 60, routes: routes.map((figures) => RouteView.from(figures)) };
  }
}

/** Errors in one period. */
export class ErrorWindowView {
  @ApiProperty({ enum: ['5m', '1h', '24h'], example: '1h' })
  window!: string;

  @ApiProperty({ description: 'All requests.', example: 1200 })
  requests!: number;

  @ApiProperty({ description: 'All errors.', example: 12 })
  errors!: number;

  @ApiProperty({ description: 'Errors per request, 0 to 1.', example: 0.01 })
  share!: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'Errors by code.',
    example: { 'not-found': 10, 'database-unavailable': 2 },
  })
  by_code!: Record<string, number>;
}

const WINDOWS = [
  ['5m', 'last5Minutes'],
  ['1h', 'lastHour'],
  ['24h', 'last24Hours'],
] as const;

/** `GET /monitoring/errors` */
export class ErrorsView {
  @ApiProperty({ type: [ErrorWindowView] })
  windows!: ErrorWindowView[];

  static from(requests: readonly number[], figures: ErrorFigures[]): ErrorsView {
    const windows = WINDOWS.map(([window, field], i) => {
      const counted = figures.filter((figure) => figure[field] > 0);
      const errors = counted.reduce((sum, figure) => sum + figure[field], 0);
      const all = requests[i] ?? 0;
      return {
        window,
        requests: all,
        errors,
        share: all === 0 ? 0 : Math.round((errors / all) * 10_000) / 10_000,
        by_code: Object.fromEntries(counted.map((figure) => [figure.code, figure[field]])),
      };
    });
    return { windows };
  }
}
