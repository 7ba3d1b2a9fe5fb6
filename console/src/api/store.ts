/** A value that others can watch. */
export class Store<T> {
  private readonly watchers = new Set<(value: T) => void>();

  constructor(private current: T) {}

  get value(): T {
    return this.current;
  }

  set value(next: T) {
    if (Object.is(next, this.current)) return;
    this.current = next;
    for (const watcher of [...this.watchers]) watcher(next);
  }

  /** Calls `watcher` with each new value. Returns what ends that. */
  watch(watcher: (value: T) => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  /** Resolves with the first value for which `fits` is true, which may be the present one. */
  until(fits: (value: T) => boolean): Promise<T> {
    if (fits(this.current)) return Promise.resolve(this.current);
    return new Promise((resolve) => {
      const end = this.watch((value) => {
        if (!fits(value)) return;
        end();
        resolve(value);
      });
    });
  }
}
