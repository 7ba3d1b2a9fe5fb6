import type { ApiError } from '../api/problem';
import { WithTimes } from './with-times';

/** What went wrong and what to do, with the request id that the operator finds in the logs. */
export function ErrorNote({ error, retry }: { error: ApiError | undefined; retry?: () => void }) {
  if (!error) return null;
  const { problem, retryAfter } = error;
  return (
    <div class="note danger" role="alert">
      <div class="grow">
        <p>
          <WithTimes text={error.message} />
        </p>
        {retryAfter !== null && !error.message.includes('Try again') && <p>Try again in {retryAfter} s.</p>}
        {problem?.errors
          ?.filter(({ message }) => !error.message.includes(message))
          .map(({ field, message }) => (
            <p key={field}>
              <code>{field}</code> {message}
            </p>
          ))}
        {problem && (
          <p class="request-id">
            Request <code>{problem.request_id}</code>
          </p>
        )}
      </div>
      {retry && (
        <button type="button" class="button small" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
