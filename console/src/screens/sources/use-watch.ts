import { useEffect } from 'preact/hooks';
import type { Resource } from '../../parts/use-resource';
import type { Source } from './draft';

/** How often sources are looked at while one is read, ms. */
const WATCH_MS = 1_000;

/** Whether a run is in progress, or the first one is about to start. */
export function isMoving({ status, enabled }: Source): boolean {
  return status === 'syncing' || (status === 'new' && enabled);
}

/** Loads again each second while something is in progress. */
export function useWatch(resource: Pick<Resource<unknown>, 'loading' | 'reload'>, moving: boolean): void {
  useEffect(() => {
    if (!moving || resource.loading) return;
    const timer = setTimeout(resource.reload, WATCH_MS);
    return () => clearTimeout(timer);
  }, [moving, resource.loading]);
}
