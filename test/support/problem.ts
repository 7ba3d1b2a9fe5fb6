import type { ApiAnswer } from './client';

/** An error's body, as RFC 9457 and the contract have it. */
export interface ProblemJson {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  request_id: string;
  errors?: Array<{ field: string; message: string }>;
}

// What would give the inside away: a stack, SQL, a path of the machine.
const INSIDES = /\n\s+at |node_modules|\.(?:ts|js):\d|SELECT |INSERT |SQLITE_|violates|\/tmp\/|\/dist\//;

/** Expects a complete problem+json answer with this status, and returns it. `code` is the last segment of `type`. */
export function expectProblem(answer: ApiAnswer, status: number, code?: string): ProblemJson {
  expect({ status: answer.status, body: answer.text.slice(0, 1_000) }).toEqual({
    status,
    body: expect.any(String),
  });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json(;|$)/);
  const problem = answer.json<ProblemJson>();
  expect(problem).toEqual({
    type: expect.stringMatching(/^(https?:\/)?\/.*[a-z][a-z-]*$/),
    title: expect.stringMatching(/./),
    status,
    detail: expect.stringMatching(/^[A-Z].*\.$/s),
    instance: expect.stringMatching(/^\//),
    request_id: answer.headers.get('x-request-id'),
    ...(problem.errors && { errors: expect.any(Array) }),
  });
  expect(answer.text).not.toMatch(INSIDES);
  for (const error of problem.errors ?? []) {
    expect(error).toEqual({ field: expect.any(String), message: expect.stringMatching(/./) });
  }
  if (code !== undefined) expect(problem.type.split('/').at(-1)).toBe(code);
  return problem;
}

/** Expects a 400 that names exactly these fields, in any order, and returns it. */
export function expectFaults(answer: ApiAnswer, fields: string[]): ProblemJson {
  const problem = expectProblem(answer, 400);
  expect([...new Set((problem.errors ?? []).map(({ field }) => field))].sort()).toEqual([...fields].sort());
  return problem;
}
