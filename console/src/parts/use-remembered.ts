import { useEffect, useState } from 'preact/hooks';
import { inTurn } from './in-turn';

/** A cache of small answers that do not change, the oldest removed first. */
export class Remembered<T> {
  private readonly values = new Map<string, T>();

  constructor(
    private readonly max: number,
    private readonly onDrop: (value: T) => void = () => undefined,
  ) {}

  get(key: string): T | undefined {
    return this.values.get(key);
  }

  set(key: string, value: T): void {
    this.values.set(key, value);
    if (this.values.size <= this.max) return;
    const [oldest] = this.values.keys();
    const dropped = this.values.get(oldest!)!;
    this.values.delete(oldest!);
    this.onDrop(dropped);
  }
}

/** A value for a key: from the cache, or loaded in turn once the component has been in sight for a moment. */
export function useRemembered<T>(
  cache: Remembered<T>,
  key: string | undefined,
  load: (signal: AbortSignal) => Promise<T>,
): T | 'failed' | undefined {
  const [, redraw] = useState(0);
  const [failed, setFailed] = useState(false);
  const known = key === undefined ? undefined : cache.get(key);
  useEffect(() => {
    setFailed(false);
    if (key === undefined || cache.get(key) !== undefined) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      inTurn(abort.signal, () => load(abort.signal)).then(
        (value) => {
          cache.set(key, value);
          if (!abort.signal.aborted) redraw((number) => number + 1);
        },
        () => {
          if (!abort.signal.aborted) setFailed(true);
        },
      );
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key]);
  return known ?? (failed ? 'failed' : undefined);
}

const SETTLE_MS = 120;
