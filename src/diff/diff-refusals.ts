import { AppError } from '../platform/errors/app-error';
import type { DiffRefusedError } from './diff-pool';

/** The response when the workers refuse a job. */
export function refusal(cause: DiffRefusedError): AppError {
  switch (cause.reason) {
    case 'queue':
      return new AppError('unavailable', 'diff-busy', BUSY, { cause, retryAfter: 5 });
    case 'owner':
      return new AppError('too_many', 'too-many-diffs', OWN_BUSY, { cause, retryAfter: 5 });
    case 'time':
      return new AppError('unavailable', 'diff-too-slow', TOO_SLOW, { cause, retryAfter: 60 });
    case 'memory':
      return new AppError('unprocessable', 'diff-too-large', TOO_LARGE, { cause });
  }
}

const BUSY = 'Too many differences and pictures are waiting at the moment. Try again shortly.';
const OWN_BUSY =
  'Too many differences and pictures of yours are waiting. Wait for their answers, then try again.';
const TOO_SLOW =
  'Making this took longer than the service allows (10 s). Try again when it is less busy. The versions themselves can still be read.';
const TOO_LARGE =
  'Making this needs more memory than a worker thread has. The versions themselves can still be read.';
