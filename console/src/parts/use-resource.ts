import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/problem';

/** Data of the API on its way to a screen. `data` stays while it is loaded again. */
export interface Resource<T> {
  data: T | undefined;
  error: ApiError | undefined;
  loading: boolean;
  reload: () => void;
  /** Replaces the data, for example by the answer of a change. */
  set: (data: T) => void;
}

/**
 * Loads data when the component appears, when `inputs` change, and when the network is back. An answer that is
 * overtaken by a newer request is dropped.
 */
export function useResource<T>(
  load: (signal: AbortSignal) => Promise<T>,
  inputs: readonly unknown[],
): Resource<T> {
  const [state, setState] = useState<Omit<Resource<T>, 'reload' | 'set'>>(START);
  const [round, setRound] = useState(0);
  const loader = useRef(load);
  loader.current = load;
  useEffect(() => {
    const abort = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    loader
      .current(abort.signal)
      .then((data) => {
        if (!abort.signal.aborted) setState({ data, error: undefined, loading: false });
      })
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        setState((before) => ({ ...before, error: asApiError(error), loading: false }));
      });
    return () => abort.abort();
  }, [...inputs, round]);
  const reload = useCallback(() => setRound((number) => number + 1), []);
  const set = useCallback((data: T) => setState({ data, error: undefined, loading: false }), []);
  const isOffline = state.error?.isOffline === true;
  useEffect(() => {
    if (!isOffline) return;
    const timer = setInterval(reload, RETRY_MS);
    addEventListener('online', reload);
    return () => {
      clearInterval(timer);
      removeEventListener('online', reload);
    };
  }, [isOffline, reload]);
  return { ...state, reload, set };
}

const START = { data: undefined, error: undefined, loading: true };
const RETRY_MS = 3_000;

/** Errors of our own code are shown too, without an answer of the API. */
export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(-1, String((error as Error)?.message ?? error));
}
