import { Injectable } from '@nestjs/common';
import { JournalCounts } from '../audit/journal-counts';
import type { Caller } from '../platform/access/caller';
import { invalid } from '../platform/errors/app-error';
import { HeavyReads } from '../platform/fairness/heavy-reads';

/** Lengths of the buckets of a count, ms. */
export const CHANGE_SPANS = { hour: 3_600_000, day: 86_400_000 } as const;
export type ChangeSpan = keyof typeof CHANGE_SPANS;

/** Most buckets of one answer: more than a year of days, more than a month of hours. */
export const BUCKETS_MAX = 1_000;

/** Each makes a version. */
const CHANGES = [
  'graph.created',
  'graph.updated',
  'graph.deleted',
  'graph.recovered',
  'graph.restored',
  'graph.imported',
] as const;

/** The changes between two times, ms since the epoch. */
export interface ChangesRequest {
  from: number;
  to: number;
  by: ChangeSpan;
}

/** How many changes a bucket has; `at` is its beginning, ms since the epoch. */
export interface ChangeCount {
  at: number;
  changes: number;
}

/** How often the graphs of an account were changed, over time. */
@Injectable()
export class GraphChangesService {
  constructor(
    private readonly counts: JournalCounts,
    private readonly heavy: HeavyReads,
  ) {}

  /** Counts the changes of the caller's graphs, oldest bucket first; empty buckets are left out. */
  async count(caller: Caller, { from, to, by }: ChangesRequest): Promise<ChangeCount[]> {
    const span = CHANGE_SPANS[by];
    if (to <= from) throw invalid([{ field: 'to', message: 'must be after "from"' }]);
    if ((to - from) / span > BUCKETS_MAX)
      throw invalid([{ field: 'from', message: `must be at most ${BUCKETS_MAX} of "by" before "to"` }]);
    const request = { userKey: caller.key, actions: CHANGES, from, to, span };
    const counts = await this.heavy.run(caller.id, () => this.counts.count(request));
    return [...counts]
      .sort(([one], [other]) => one - other)
      .map(([bucket, changes]) => ({ at: from + bucket * span, changes }));
  }
}
