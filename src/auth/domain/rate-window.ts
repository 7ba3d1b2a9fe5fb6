const MINUTE_MS = 60_000;
/** Most keys in memory; the oldest are dropped first. */
const KEYS_MAX = 100_000;

interface Window {
  begun: number;
  hits: number;
}

/**
 * Counts hits a minute for each key, in memory, in windows that begin with a key's first hit. `now` is an argument,
 * ms since the epoch; a clock that is set back begins a new window.
 */
export class RateWindow {
  private readonly windows = new Map<string, Window>();

  /** `limit`: hits a minute; 0 means no limit. */
  constructor(private readonly limit: number) {}

  /** Counts a hit. Returns 0, or the seconds to wait if the limit is exceeded. */
  hit(key: string, now: number): number {
    if (this.limit === 0) return 0;
    const window = this.windowOf(key, now);
    window.hits += 1;
    return window.hits > this.limit ? Math.ceil((window.begun + MINUTE_MS - now) / 1_000) : 0;
  }

  /** Takes back a harmless hit. */
  forgive(key: string, now: number): void {
    if (this.limit === 0) return;
    const window = this.windowOf(key, now);
    window.hits = Math.max(0, window.hits - 1);
  }

  private windowOf(key: string, now: number): Window {
    const known = this.windows.get(key);
    if (known && now >= known.begun && now < known.begun + MINUTE_MS) return known;
    const window = { begun: now, hits: 0 };
    this.windows.delete(key);
    if (this.windows.size >= KEYS_MAX) this.windows.delete(this.windows.keys().next().value!);
    this.windows.set(key, window);
    return window;
  }
}
