/** Kinds of errors, independent of HTTP; `problem.ts` maps each of them. */
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

/** An error in one input field; `field` is a path such as `config.nodes`. */
export interface FieldError {
  field: string;
  message: string;
}

/** Optional parts of an error. */
export interface ErrorExtras {
  /** One entry per invalid field. */
  errors?: FieldError[];
  /** Seconds after which a retry makes sense. */
  retryAfter?: number;
  cause?: unknown;
}

/**
 * An error that clients see. `code` is stable (the last segment of the problem's `type`), `message` is a sentence
 * that says what to do. Neither contains content, secrets, SQL or paths.
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

/** Bad input: 400 with a list of invalid fields. */
export function invalid(errors: FieldError[], message = 'The input is invalid. See "errors".'): AppError {
  return new AppError('invalid', 'invalid-input', message, { errors });
}

/** Missing, or owned by another user: callers must not be able to distinguish the two. */
export function notFound(what: string): AppError {
  return new AppError('not_found', 'not-found', `The ${what} does not exist.`);
}

/** 409: another request changed the same thing since it was read. */
export function changedMeanwhile(what: string): AppError {
  return new AppError(
    'conflict',
    `${what}-changed`,
    `The ${what} was changed by another request at the same time. Read it again, then repeat your change.`,
  );
}

/** 429 with `Retry-After`, seconds. */
export function tooManyRequests(seconds: number): AppError {
  return new AppError('too_many', 'too-many-requests', `Too many requests. Try again in ${seconds} s.`, {
    retryAfter: seconds,
  });
}

/** The database or the backup store does not answer. Nothing was written. */
export function unavailable(what: string, cause?: unknown): AppError {
  return new AppError(
    'unavailable',
    `${what}-unavailable`,
    `The ${what} is not available. Nothing was written. Try again shortly.`,
    { cause, retryAfter: 5 },
  );
}

/** The connection to the database was lost during a commit: 503, and the outcome is unknown. */
export function outcomeUnknown(what: string, cause?: unknown): AppError {
  return new AppError(
    'unavailable',
    `${what}-unavailable`,
    `The ${what} became unavailable during the write, so it is unknown whether it succeeded. Check before you try again, ` +
      'or try again with the same Idempotency-Key or If-Match.',
    { cause, retryAfter: 5 },
  );
}
