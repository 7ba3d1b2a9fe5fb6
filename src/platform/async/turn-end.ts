/** Those that wait for the end of a turn at most; with more, they go on at once. */
const TOGETHER_MAX = 16;

/**
 * Lets the same step of many requests run one after the other: each waits until the turn of the event loop ends, or until
 * 16 wait. A step that is repeated finds its code and data in the processor's caches, and another process that it wakes is
 * still awake at the next one. A step that waits alone goes on in the same turn, before the loop waits for anything.
 */
export class TurnEnd {
  private waiting = 0;
  private end: Promise<void> | null = null;
  private goOn: () => void = () => undefined;

  /** Resolves when the turn ends, or with the 16th that waits. */
  reached(): Promise<void> {
    this.end ??= this.begin();
    const { end } = this;
    this.waiting += 1;
    if (this.waiting === TOGETHER_MAX) this.finish();
    return end;
  }

  private begin(): Promise<void> {
    return new Promise((resolve) => {
      this.goOn = resolve;
      setImmediate(() => this.goOn === resolve && this.finish());
    });
  }

  private finish(): void {
    this.end = null;
    this.waiting = 0;
    this.goOn();
  }
}
