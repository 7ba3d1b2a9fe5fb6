/** One look at a sequence and the running transactions, in this order. */
export interface Mark {
  /** The last number drawn from the sequence. */
  drawn: number;
  /** The oldest transaction that runs; all older ones have ended (`pg_snapshot_xmin`). */
  oldest: bigint;
  /** The id the next transaction will get (`pg_snapshot_xmax`). */
  next: bigint;
}

/** Marks that wait for their transactions to end; more are not needed, an old one is only a lower bound. */
const MARKS = 100;

/**
 * Up to which number of a sequence nothing can appear any more, although PostgreSQL commits numbers out of order.
 * It holds as long as a transaction gets its id before it draws a number: then everything up to `drawn` was drawn
 * by transactions older than `next`, and when the oldest running one is not older than that, they have all ended.
 */
export class SequenceHorizon {
  private marks: Mark[] = [];
  private upTo = 0;

  /** Takes a new mark into account; returns the number that is settled now. */
  update(mark: Mark): number {
    this.marks.push(mark);
    for (const { drawn, next } of this.marks) if (next <= mark.oldest) this.upTo = Math.max(this.upTo, drawn);
    this.marks = this.marks.filter(({ next }) => next > mark.oldest).slice(0, MARKS);
    return this.upTo;
  }
}
