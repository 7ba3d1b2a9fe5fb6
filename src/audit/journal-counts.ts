import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { yieldToEventLoop } from '../platform/async/yield-to-event-loop';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { Statement, type SqlParams } from '../platform/database/statement';
import { uuidText } from '../platform/ids/uuid';
import { ACTION_CODES, type Action } from './domain/actions';

/** What to count: events of these actions from `from` (inclusive) to `to` (exclusive), ms since the epoch. */
export interface CountRequest {
  userKey: number;
  actions: readonly Action[];
  from: number;
  to: number;
  /** Length of a bucket, ms. The first one begins at `from`. */
  span: number;
}

/**
 * Numbers and times of events grow together, except after a step of the clock and in imports of the service's own
 * making. A slice this much older than the requested time ends the search.
 */
const CLOCK_STEP_MS = 86_400_000;

const lowestOfSlice = new Statement<{ seq: number; at: number }>(
  `SELECT seq, at FROM journal WHERE user_key = :user_key AND seq < :below
   ORDER BY seq DESC LIMIT 1 OFFSET :slice`,
);
const countSlice = new Statement<{ bucket: number; events: number }>(
  `SELECT CAST((at - :from_at) / :span AS BIGINT) AS bucket, COUNT(*) AS events FROM journal
   WHERE user_key = :user_key AND seq >= :above AND seq < :below
     AND at >= :from_at AND at < :to_at AND action IN (:...actions)
   GROUP BY 1`,
);

const subjectsOfSlice = new Statement<{ subject_id: Buffer; events: number }>(
  `SELECT subject_id, COUNT(*) AS events FROM journal
   WHERE user_key = :user_key AND seq >= :above AND seq < :below
     AND at >= :from_at AND at < :to_at AND action IN (:...actions) AND subject_id IS NOT NULL
   GROUP BY subject_id`,
);

/** Counts the events of one account over time, in short steps along the index of its events. */
@Injectable()
export class JournalCounts {
  /** Events that one statement looks at: some milliseconds on SQLite, after which others get a turn. */
  slice = 2_500;

  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Number of events by the number of their bucket; buckets without events are missing. */
  async count({ span, ...request }: CountRequest): Promise<Map<number, number>> {
    const counts = new Map<number, number>();
    await this.eachSlice(request, async (em, slice) => {
      for (const { bucket, events } of await countSlice.all(em, { ...slice, span }))
        counts.set(Number(bucket), (counts.get(Number(bucket)) ?? 0) + Number(events));
    });
    return counts;
  }

  /** Number of events by the id of their subject. */
  async bySubject(request: Omit<CountRequest, 'span'>): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    await this.eachSlice(request, async (em, slice) => {
      for (const { subject_id, events } of await subjectsOfSlice.all(em, slice)) {
        const id = uuidText(subject_id);
        counts.set(id, (counts.get(id) ?? 0) + Number(events));
      }
    });
    return counts;
  }

  private async eachSlice(
    { userKey, actions, from, to }: Omit<CountRequest, 'span'>,
    add: (em: EntityManager, slice: SliceParams) => Promise<void>,
  ): Promise<void> {
    const codes = actions.map((action) => ACTION_CODES[action]);
    for (let below = Number.MAX_SAFE_INTEGER; ;) {
      const end = await this.unitOfWork.read((em) =>
        lowestOfSlice.one(em, { user_key: userKey, below, slice: this.slice - 1 }),
      );
      const above = end?.seq ?? 0;
      const slice = { user_key: userKey, actions: codes, from_at: from, to_at: to, above, below };
      await this.unitOfWork.read((em) => add(em, slice));
      if (!end || end.at < from - CLOCK_STEP_MS) return;
      below = end.seq;
      await yieldToEventLoop();
    }
  }
}

/** The parameters of a statement about one slice. */
interface SliceParams extends SqlParams {
  user_key: number;
  above: number;
  below: number;
}
