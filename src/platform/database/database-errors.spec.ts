import { QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';
import { isDatabaseUnavailable } from './database-errors';

it.each([
  ['a full disk', Object.assign(new Error('full'), { code: 'SQLITE_FULL' }), true],
  ['a server that shuts down', Object.assign(new Error('bye'), { code: '57P01' }), true],
  ['a connection lost between two statements', new QueryRunnerAlreadyReleasedError(), true],
  [
    "a connection lost between an entity manager's statements",
    new QueryRunnerProviderAlreadyReleasedError(),
    true,
  ],
  ['a duplicate key', Object.assign(new Error('duplicate'), { code: '23505' }), false],
  ['a fault of the program', new TypeError('undefined'), false],
])('recognises %s', (_what, error, unavailable) => {
  expect(isDatabaseUnavailable(error)).toBe(unavailable);
});
