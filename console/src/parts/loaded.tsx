import type { ComponentChildren } from 'preact';
import { ErrorNote } from './error-note';
import type { Resource } from './use-resource';

interface Props<T> {
  of: Resource<T>;
  /** Shown while nothing has been loaded yet. */
  waiting?: ComponentChildren;
  /** Shown instead of the error when there is no such thing. */
  missing?: ComponentChildren;
  children: (data: T) => ComponentChildren;
}

/** The loading, error and loaded states of a part of a screen. Data that was loaded stays under an error. */
export function Loaded<T>({ of: { data, error, reload }, waiting, missing, children }: Props<T>) {
  if (error?.status === 404 && data === undefined && missing) return <>{missing}</>;
  return (
    <>
      {error && <ErrorNote error={error} retry={reload} />}
      {data !== undefined ? children(data) : error ? null : (waiting ?? <Waiting />)}
    </>
  );
}

/** Grey lines in the place of what is loading. */
export function Waiting({ lines = 4, height = 44 }: { lines?: number; height?: number }) {
  return (
    <div class="stack-small" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} class="skeleton" style={{ height: `${height}px` }} />
      ))}
    </div>
  );
}
