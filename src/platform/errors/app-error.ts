/** What went wrong, in the service's own terms. HTTP knows each of them once, in `problem.ts`. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'too_slow'
  | 'conflict'
  | 'stale'
  | 'too_large'
  | 'unsupported_media'
  | 'unprocessable'
  | 'too_many'
  | 'unavailable'
  | 'internal';

/** One fault of one input field; `field` is a path such as `config.nodes`. */
export interface FieldError {
  field: string;
  message: string;
}

/** What may go with an error besides its sentence. */
export interface ErrorExtras {
  /** One entry for each faulty field, for bad input. */
  errors?: FieldError[];
  /** Seconds after which trying again makes sense. */
  retryAfter?: number;
  cause?: unknown;
}

/**
 * An error a client may see. `code` is stable (the last segment of the problem's `type`), `message` is a
 * sentence that says what to do; neither ever holds content, secrets, SQL or a path.
 */
export class AppError extends Error {
  readonly errors: FieldError[];
  readonly retryAfter: number | undefined;

  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    extras: ErrorExtras = {},
  ) {
    super(message, { cause: extras.cause });
    this.name = 'AppError';
    this.errors = extras.errors ?? [];
    this.retryAfter = extras.retryAfter;
  }
}

/** Bad input: 400 with a list of faulty fields. */
export function invalid(errors: FieldError[], message = 'The input is not valid; see "errors".'): AppError {
  return new AppError('invalid', 'invalid-input', message, { errors });
}

/** No such thing, or not the caller's: the two must not be told apart. */
export function notFound(what: string): AppError {
  return new AppError('not_found', 'not-found', `There is no such ${what}.`);
}

/** 429 with `Retry-After`, seconds. */
export function tooManyRequests(seconds: number): AppError {
  return new AppError('too_many', 'too-many-requests', `Too many requests. Try again in ${seconds} s.`, {
    retryAfter: seconds,
  });
}

/** The database or the backup store does not answer; nothing was written. */
export function unavailable(what: string, cause?: unknown): AppError {
  return new AppError(
    'unavailable',
    `${what}-unavailable`,
    `The ${what} is not available at the moment; nothing was written. Try again shortly.`,
    { cause, retryAfter: 5 },
  );
}

/** The database went away while a change was being committed: 503, and the sentence promises nothing. */
export function outcomeUnknown(what: string, cause?: unknown): AppError {
  return new AppError(
    'unavailable',
    `${what}-unavailable`,
    `The ${what} went away while this was being written; it may or may not have been. Look before you try again, ` +
      'or try again with the same Idempotency-Key or If-Match.',
    { cause, retryAfter: 5 },
  );
}
