import { startApp, type TestApp } from '../support/app';
import { ApiClient } from '../support/client';

const AUTH = '/api/v1/auth';
const ROUNDS = 20;

let app: TestApp;
beforeAll(async () => void (app = await startApp()));
afterAll(() => app.close());

it('answers each of many callers at once as who they are, by session and by API token', async () => {
  const callers: Array<{ client: ApiClient; id: string | undefined }> = [];
  for (let i = 0; i < 5; i += 1) {
    const user = await app.aUser();
    const made = await user.post(`${AUTH}/tokens`, { name: 'machine', scopes: ['read'] });
    const machine = new ApiClient(app.url, made.json<{ token: string }>().token);
    callers.push({ client: user, id: user.userId }, { client: machine, id: user.userId });
  }
  callers.push({ client: app.anonymous, id: undefined });
  callers.push({ client: new ApiClient(app.url, 'gob_forged'), id: undefined });
  for (let round = 0; round < ROUNDS; round += 1) {
    const answers = await Promise.all(callers.map(({ client }) => client.get(`${AUTH}/me`)));
    const seen = answers.map((answer) =>
      answer.status === 200 ? answer.json<{ id: string }>().id : answer.status,
    );
    expect(seen).toEqual(callers.map(({ id }) => id ?? 401));
  }
});
