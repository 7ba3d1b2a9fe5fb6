/** Bounds on the bytes of request bodies that are in memory at the same time. */
export interface BodyLimits {
  /** Bytes in all. */
  readonly total: number;
  /** Bytes of one owner. */
  readonly ofOwner: number;
  /** Requests that may wait for room, in all and of one owner; more are refused at once. */
  readonly waiting: number;
  readonly waitingOfOwner: number;
  /** How long a request waits for room, ms. */
  readonly waitMs: number;
}

/** Why a body was refused. `owner`: its owner has too many in flight, `total`: all owners together have. */
export type BodyRefusal = 'owner' | 'total';

/** There was no room for a body in time. */
export class BodyRefusedError extends Error {
  constructor(readonly reason: BodyRefusal) {
    super(`No room for another request body: ${reason}`);
    this.name = 'BodyRefusedError';
  }
}

interface Waiter {
  readonly owner: string;
  readonly bytes: number;
  readonly admit: () => void;
}

/**
 * Admits request bodies so that their bytes stay within a budget, in all and for each owner. A body waits for room in
 * the order in which it came; an owner whose own share is used up keeps only that owner's bodies waiting.
 */
export class BodyBudget {
  private readonly owners = new Map<string, number>();
  private readonly line = new Set<Waiter>();
  private used = 0;

  constructor(private readonly limits: BodyLimits) {}

  /** Bytes in flight. */
  get bytes(): number {
    return this.used;
  }

  /**
   * Resolves when there is room for `bytes` more of `owner`, who gives them back by `release`. Rejects with
   * `BodyRefusedError` when too many wait or the wait takes too long, and with the signal's reason when it is aborted.
   */
  async reserve(owner: string, bytes: number, signal: AbortSignal): Promise<void> {
    if (this.reserveNow(owner, bytes)) return;
    const ofOwner = [...this.line].filter((waiter) => waiter.owner === owner).length;
    if (ofOwner >= this.limits.waitingOfOwner) throw new BodyRefusedError('owner');
    if (this.line.size >= this.limits.waiting) throw new BodyRefusedError('total');
    await this.wait(owner, bytes, signal);
  }

  /** The same without waiting: whether there is room now. */
  reserveNow(owner: string, bytes: number): boolean {
    return this.line.size === 0 && this.take(owner, bytes) === null;
  }

  /** Takes `bytes` more without waiting, for a body that grows. Throws `BodyRefusedError` when there is no room. */
  grow(owner: string, bytes: number): void {
    const refusal = this.take(owner, bytes);
    if (refusal !== null) throw new BodyRefusedError(refusal);
  }

  /** Gives bytes back. */
  release(owner: string, bytes: number): void {
    const left = (this.owners.get(owner) ?? 0) - bytes;
    if (left > 0) this.owners.set(owner, left);
    else this.owners.delete(owner);
    this.used -= bytes;
    this.admitWaiting();
  }

  private wait(owner: string, bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = { owner, bytes, admit: () => end(resolve) };
      const late = () => end(() => reject(new BodyRefusedError(this.lack(owner, bytes) ?? 'total')));
      const gone = () => end(() => reject(signal.reason as Error));
      const timer = setTimeout(late, this.limits.waitMs).unref();
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', gone);
        this.line.delete(waiter);
        settle();
      };
      signal.addEventListener('abort', gone);
      this.line.add(waiter);
      this.admitWaiting();
    });
  }

  private admitWaiting(): void {
    for (const waiter of this.line) {
      const refusal = this.take(waiter.owner, waiter.bytes);
      // Smaller bodies that came later don't overtake one that waits for room in all.
      if (refusal === 'total') return;
      if (refusal === null) waiter.admit();
    }
  }

  private take(owner: string, bytes: number): BodyRefusal | null {
    const lack = this.lack(owner, bytes);
    if (lack !== null) return lack;
    this.owners.set(owner, (this.owners.get(owner) ?? 0) + bytes);
    this.used += bytes;
    return null;
  }

  private lack(owner: string, bytes: number): BodyRefusal | null {
    if ((this.owners.get(owner) ?? 0) + bytes > this.limits.ofOwner) return 'owner';
    return this.used + bytes > this.limits.total ? 'total' : null;
  }
}
