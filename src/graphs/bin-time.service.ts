import { Injectable } from '@nestjs/common';
import { AppConfig } from '../platform/config/app-config';

/** How many days a user's graph stays in the bin, by the short keys of both. */
export type BinDays = (userKey: number, graphKey: number) => Promise<number>;

const DAY_MS = 86_400_000;

/**
 * How long deleted graphs can be recovered. Policies, which stand above the graphs, say so where there are any;
 * a tool without them goes by the instance's setting.
 */
@Injectable()
export class BinTime {
  private days: BinDays;

  constructor(config: AppConfig) {
    this.days = () => Promise.resolve(config.get('DELETED_RETENTION_DAYS'));
  }

  /** From now on `days` says so. */
  goBy(days: BinDays): void {
    this.days = days;
  }

  /** How long a graph that is deleted now can be recovered, ms. */
  async keptFor(userKey: number, graphKey: number): Promise<number> {
    return (await this.days(userKey, graphKey)) * DAY_MS;
  }
}
