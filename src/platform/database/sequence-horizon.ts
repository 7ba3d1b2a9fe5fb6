/** A reading of a sequence and then of the running transactions. */
export interface Mark {
  /** The last number drawn from the sequence. */
  drawn: number;
  /** The oldest running transaction; all older ones have ended (`pg_snapshot_xmin`). */
  oldest: bigint;
  /**
   * The id of a transaction that began after `drawn` was read. Not `pg_snapshot_xmax`: that is the id after the newest
   * transaction that has ended, and the open ones may be newer.
   */
  next: bigint;
}

/** Most marks that wait for their transactions to end; an older one is only a lower bound. */
const MARKS = 100;

/**
 * Tracks up to which number of a sequence no new row can appear, although PostgreSQL commits numbers out of order.
 * This holds if a transaction gets its id before it draws a number: then all numbers up to `drawn` were drawn by
 * transactions older than `next`, and if the oldest running one is not older than that, they have all ended.
 */
export class SequenceHorizon {
  private marks: Mark[] = [];
  private upTo = 0;

  /** Adds a new mark; returns the number up to which the sequence is settled. */
  update(mark: Mark): number {
    this.marks.push(mark);
    for (const { drawn, next } of this.marks) if (next <= mark.oldest) this.upTo = Math.max(this.upTo, drawn);
    this.marks = this.marks.filter(({ next }) => next > mark.oldest).slice(0, MARKS);
    return this.upTo;
  }
}
