import { useEffect } from 'preact/hooks';
import { ApiError } from '../api/problem';
import { ErrorNote } from './error-note';
import { PageHead } from './page-head';

/** Only when the service answers: a reload without it would lose this page as well. */
const retry = () =>
  void fetch('/', { cache: 'no-store' }).then(
    () => window.location.reload(),
    () => undefined,
  );

/**
 * In place of a screen whose code did not arrive: the service does not answer, or it has been updated since the page
 * was opened. Both end with a reload, which happens by itself when the network is back.
 */
export function NotLoaded() {
  useEffect(() => {
    addEventListener('online', retry);
    return () => removeEventListener('online', retry);
  }, []);
  return (
    <>
      <PageHead title="This page could not be loaded" />
      <ErrorNote error={new ApiError(0, 'Check your connection, then try again.')} retry={retry} />
    </>
  );
}
