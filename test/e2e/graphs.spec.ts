import { startApp, type TestApp } from '../support/app';
import { graphBody, type ApiClient } from '../support/client';

let app: TestApp;
let user: ApiClient;

beforeAll(async () => {
  app = await startApp();
  user = await app.aUser();
});
afterAll(() => app.close());

describe('the byte promise', () => {
  const config = '{ "b":1.0,"a" : 1e400,\n "a":"\\u00e9\\ud800", "__proto__":{"x":12345678901234567890}}';

  it('returns a config byte for byte as head, by version and by time', async () => {
    const made = await user.post('/api/v1/graphs', graphBody('exact', config));
    expect(made.status).toBe(201);
    const { id } = made.json<{ id: string }>();
    await user.put(`/api/v1/graphs/${id}`, graphBody('exact', '[1, 2]'));
    expect((await user.get(`/api/v1/graphs/${id}`)).configBytes.toString()).toBe('[1, 2]');
    expect((await user.get(`/api/v1/graphs/${id}/versions/1`)).configBytes.toString()).toBe(config);
  });
});
