import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { PROBLEMS, problemType } from './problem';

/** Sentences for the OpenAPI document: when a call answers with this status. */
const WHEN: Readonly<Record<number, string>> = {
  400: 'The body is not strict JSON, a field or query parameter is unknown or wrong, or the nesting is too deep.',
  401: 'No, bad, expired or revoked token.',
  403: 'Signed in, but the role or the scopes of the API token do not allow it.',
  404: 'There is no such thing, or it is not yours: the two cannot be told apart.',
  409: 'In conflict with the present state.',
  412: '`If-Match` does not match the present version.',
  413: 'The body is over `MAX_BODY_BYTES`.',
  415: 'The body is not JSON.',
  422: 'Understood, but impossible; `detail` names what can be reached.',
  429: 'Too many requests; see `Retry-After`.',
  500: 'Something went wrong on our side; look for the `request_id` in the logs.',
  503: 'The database is not available; nothing was written. See `Retry-After`.',
};

const CODES: Readonly<Record<number, string>> = {
  400: 'invalid-input',
  401: 'not-signed-in',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  412: 'stale-version',
  413: 'body-too-large',
  415: 'unsupported-media-type',
  422: 'unprocessable',
  429: 'too-many-requests',
  500: 'internal-error',
  503: 'database-unavailable',
};

/** Errors that every route can answer with; the OpenAPI document adds them to each operation. */
export const PROBLEMS_OF_EVERY_ROUTE = [500, 503] as const;

/** Documents the errors a route can answer with, apart from those of every route. */
export function ApiProblems(...statuses: number[]): MethodDecorator & ClassDecorator {
  return applyDecorators(...statuses.map((status) => ApiResponse({ status, ...describeProblem(status) })));
}

/** An error response, as the OpenAPI document has it. */
export function describeProblem(status: number) {
  const title = Object.values(PROBLEMS).find((problem) => problem.status === status)?.title ?? 'Error';
  const example = {
    type: problemType(CODES[status] ?? 'invalid-request'),
    title,
    status,
    detail: WHEN[status],
    instance: '/api/v1/graphs/019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11',
    request_id: '019a9e3c-8a52-7c55-8d0e-5a1f7c9b2d44',
    ...(status === 400 && {
      errors: [{ field: 'title', message: 'must be shorter than or equal to 200 characters' }],
    }),
  };
  const schema = { $ref: '#/components/schemas/Problem' };
  return {
    description: WHEN[status] ?? title,
    content: { 'application/problem+json': { schema, example } },
  };
}
