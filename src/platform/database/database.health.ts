import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Clock } from '../clock/clock';
import { withinMs } from '../health/time-limit';
import { Statement } from './statement';
import { UnitOfWork } from './unit-of-work';

const ping = new Statement<{ one: number }>('SELECT 1 AS one');
const touch = new Statement('UPDATE health_probe SET at = :at WHERE id = 1');
/** A database that takes longer to answer "1" or to write a row is unhealthy, ms. */
const WITHIN_MS = 2_000;
/** How long the result of a write check is reused, ms: requests for /health must not cause unlimited writes. */
const WRITE_HOLDS_MS = 5_000;

/** Whether the database answers, and whether it accepts a durable write. */
@Injectable()
export class DatabaseHealth {
  private written: { at: number; outcome: Promise<unknown> } | undefined;

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('database');
    try {
      await withinMs(
        WITHIN_MS,
        this.unitOfWork.read((em) => ping.one(em)),
      );
      return indicator.up();
    } catch {
      return indicator.down({
        reason: `the database did not answer within ${WITHIN_MS} ms, or returned an error`,
      });
    }
  }

  /** Writes one row and waits until it is on disk. */
  async checkWrite(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('database_write');
    try {
      await withinMs(WITHIN_MS, this.write());
      return indicator.up();
    } catch {
      return indicator.down({
        reason: `the database did not complete a write within ${WITHIN_MS} ms, or refused it: a full or read-only disk, a lock, or a lost connection`,
      });
    }
  }

  private write(): Promise<unknown> {
    const at = this.clock.now();
    if (!this.written || Math.abs(at - this.written.at) >= WRITE_HOLDS_MS)
      this.written = { at, outcome: this.unitOfWork.write((em) => touch.run(em, { at })) };
    return this.written.outcome;
  }
}
