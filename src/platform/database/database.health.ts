import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Statement } from './statement';
import { UnitOfWork } from './unit-of-work';

const ping = new Statement<{ one: number }>('SELECT 1 AS one');
/** A database that needs longer than this to say "1" is not fit to serve, ms. */
const WITHIN_MS = 2_000;

/** Whether the database answers. */
@Injectable()
export class DatabaseHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('database');
    const late = new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error('late')), WITHIN_MS).unref(),
    );
    try {
      await Promise.race([this.unitOfWork.read((em) => ping.one(em)), late]);
      return indicator.up();
    } catch {
      return indicator.down({
        reason: `the database did not answer within ${WITHIN_MS} ms, or with an error`,
      });
    }
  }
}
