import { startApp, type TestApp } from '../support/app';
import { GRAPHS } from '../support/graphs';
import { expectFaults, expectProblem } from '../support/problem';

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const query = (words: Record<string, string>) => `${GRAPHS}?${new URLSearchParams(words).toString()}`;

describe('a faulty query for graphs', () => {
  it.each([
    ['limit', '0'],
    ['limit', '501'],
    ['limit', '-1'],
    ['limit', '1.5'],
    ['limit', 'ten'],
    ['limit', ''],
    ['skip', '-1'],
    ['skip', 'x'],
    ['skip', '99999999999999999999'],
    ['status', 'deleted'],
    ['status', ''],
    ['deleted', 'yes'],
    ['sort', 'name'],
    ['sort', 'title; DROP TABLE graphs'],
    ['include', 'everything'],
    ['include', ''],
    ['q', ''],
    ['q', 'a\0b'],
    ['q', 'x'.repeat(201)],
    ['colour', 'red'],
    ['__proto__', 'x'],
    ['constructor', 'x'],
    ['toString', 'x'],
    ['includes', 'config'],
    ['at', '2026-11-23T09:15:00.000Z'],
  ])('answers 400 and names the parameter for %s=%s', async (name, value) => {
    const user = await app.aUser();
    const problem = expectFaults(await user.get(query({ [name]: value })), [name]);
    expect(problem.instance).toBe(GRAPHS);
  });

  it('lists all faulty parameters at once', async () => {
    const user = await app.aUser();
    expectFaults(await user.get(query({ limit: '0', sort: 'x', colour: 'red' })), [
      'limit',
      'sort',
      'colour',
    ]);
  });

  it('answers 400 for a parameter that is given twice', async () => {
    const user = await app.aUser();
    for (const twice of [
      'limit=1&limit=2',
      'q=a&q=b',
      'sort=title&sort=title',
      'status=draft&status=draft',
    ]) {
      expectFaults(await user.get(`${GRAPHS}?${twice}`), [twice.split('=')[0] ?? '']);
    }
  });

  const cursor = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  it.each([
    ['nothing', '', '-created_at'],
    ['garbage', 'garbage', '-created_at'],
    ['not base64', '%%%', '-created_at'],
    ['an object', cursor({}), '-created_at'],
    ['too many values', cursor([1, 2]), '-created_at'],
    ['another order', cursor([1]), 'title'],
    ['a broken number', cursor([1.5]), '-created_at'],
    ['a number no database has', cursor([1e300]), '-created_at'],
    ['a time no database has', cursor([1e300, 1]), '-updated_at'],
    ['a title with a NUL', cursor(['a\0b', 1]), 'title'],
    ['an endless one', 'x'.repeat(1_001), '-created_at'],
  ])('answers 400 for a cursor that is %s', async (_, after, sort) => {
    const user = await app.aUser();
    expectFaults(await user.get(query({ after, sort })), ['after']);
  });

  it('needs a token', async () => {
    expectProblem(await app.anonymous.get(GRAPHS), 401, 'not-signed-in');
  });
});
