import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ApiError } from '../api/problem';
import { asApiError } from './use-resource';

/** A part of a long list: from `skip` on. `total` is null when the API did not count. */
export interface Part<T> {
  items: readonly T[];
  total: number | null;
  hasMore: boolean;
}

/** A list that is loaded as far as it is looked at. */
export interface Pages<T> {
  /** How many items there are, or undefined before the first answer. */
  total: number | undefined;
  /** Whether there are more than `total`, which the API did not count. */
  isOpen: boolean;
  error: ApiError | undefined;
  /** The item at an index, if it is loaded. */
  at: (index: number) => T | undefined;
  /** Whether a loaded item passes the test. */
  some: (test: (item: T) => boolean) => boolean;
  /** Loads what is missing from `first` to `last`. */
  show: (first: number, last: number) => void;
  reload: () => void;
}

/** The header of a list, as a part. */
export function partOf<T>(items: readonly T[], headers: Headers): Part<T> {
  const total = headers.get('x-total-count');
  const hasMore = headers.get('link')?.includes('rel="next"') ?? false;
  return { items, total: total === null ? null : Number(total), hasMore };
}

const PAGE = 100;

/** Loads pages of 100 items on demand, wherever the user scrolls to. `inputs`: what the list depends on. */
export function usePages<T>(
  load: (skip: number, limit: number, signal: AbortSignal) => Promise<Part<T>>,
  inputs: readonly unknown[],
): Pages<T> {
  const [error, setError] = useState<ApiError>();
  const [size, setSize] = useState<{ total: number; isOpen: boolean }>();
  const [, redraw] = useState(0);
  const [round, setRound] = useState(0);
  const loader = useRef(load);
  loader.current = load;
  const pages = useRef(new Map<number, readonly T[] | null>());
  const abort = useRef(new AbortController());
  const fetchPage = useCallback((page: number) => {
    if (pages.current.has(page)) return;
    pages.current.set(page, null);
    const { signal } = abort.current;
    loader.current(page * PAGE, PAGE, signal).then(
      ({ items, total, hasMore }) => {
        if (signal.aborted) return;
        pages.current.set(page, items);
        setError(undefined);
        const end = page * PAGE + items.length;
        setSize((before) =>
          total === null
            ? { total: Math.max(before?.total ?? 0, hasMore ? end + PAGE : end), isOpen: hasMore }
            : { total, isOpen: false },
        );
        redraw((number) => number + 1);
      },
      (thrown: unknown) => {
        if (signal.aborted) return;
        pages.current.delete(page);
        setError(asApiError(thrown));
      },
    );
  }, []);
  useEffect(() => {
    abort.current.abort();
    abort.current = new AbortController();
    pages.current = new Map();
    fetchPage(0);
    return () => abort.current.abort();
  }, [...inputs, round]);
  const show = useCallback((first: number, last: number) => {
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page += 1) fetchPage(page);
  }, []);
  const at = (index: number) => pages.current.get(Math.floor(index / PAGE))?.[index % PAGE];
  const some = (test: (item: T) => boolean) => [...pages.current.values()].some((page) => page?.some(test));
  const reload = useCallback(() => setRound((number) => number + 1), []);
  useEffect(() => {
    if (error?.isOffline !== true) return;
    const timer = setInterval(reload, RETRY_MS);
    return () => clearInterval(timer);
  }, [error]);
  return { total: size?.total, isOpen: size?.isOpen ?? false, error, at, some, show, reload };
}

const RETRY_MS = 3_000;
