import { startApp } from '../support/app';
import { GRAPHS, type GraphJson } from '../support/graphs';
import { rawRequest } from '../support/raw-http';

const REGISTER = '/api/v1/auth/register';
const LOGIN = '/api/v1/auth/login';

describe('the log', () => {
  it('holds no token, password, e-mail address or content, whatever goes well or wrong', async () => {
    const app = await startApp({ LOG_LEVEL: 'trace' });
    try {
      const email = 'marker-email@logs.example';
      const password = 'marker-password-1';
      const wrong = 'marker-password-2';
      await app.anonymous.post(REGISTER, { email, password });
      await app.anonymous.post(REGISTER, { email, password });
      await app.anonymous.post(REGISTER, { email: 'marker-email', password: 'marker', role: 'marker-field' });
      await app.anonymous.post(LOGIN, { email, password: wrong });
      await app.anonymous.post(LOGIN, `username=${email}&password=${wrong}`, {
        'content-type': 'application/x-www-form-urlencoded',
      });
      const user = await app.anonymous.signIn(email, password);

      const body = {
        title: 'marker-title',
        description: 'marker-description',
        config: { key: 'marker-config' },
      };
      const made = (await user.post(GRAPHS, body)).json<GraphJson>();
      const path = `${GRAPHS}/${made.id}`;
      await user.put(path, { ...body, title: 'marker-title-2', config: ['marker-config'] });
      await user.get(`${GRAPHS}?q=marker-query&include=config,versions`);
      await user.get(`${GRAPHS}?marker-parameter=marker-value`);
      await user.get(
        `${GRAPHS}?after=${Buffer.from('["marker-cursor\\u0000",1]').toString('base64url')}&sort=title`,
      );
      await user.get(`${GRAPHS}/marker-id`);
      await user.get('/marker-address');
      await user.post(GRAPHS, '{"title":"marker-title","config":{"marker-config"');
      await user.post(GRAPHS, { ...body, status: 'marker-status' });
      await user.put(path, body, { 'if-match': '"marker-tag"' });
      await user.get(path, { cookie: 'session=marker-cookie', 'user-agent': 'marker-agent' });
      await user.get('/api/v1/auth/me', { authorization: 'Bearer marker-token' });
      await rawRequest(app.url, { method: 'GET', path: `${GRAPHS}/%ZZmarker-broken` });
      await user.delete(path);
      await user.post(`${path}/recover`);
      await user.post(`${path}/recover`);

      const all = app.logs.join('\n');
      expect([...new Set(all.match(/marker[\w-]*/g) ?? [])]).toEqual([]);
      const signature = user.token?.split('.')[2] ?? 'no token';
      expect(all).not.toContain(signature);
      expect(all).not.toContain('argon2');
      expect(all).toContain(made.user_id);
    } finally {
      await app.close();
    }
  });

  it('is one JSON object a line, with one line for each request that carries its id', async () => {
    const app = await startApp();
    try {
      const user = await app.aUser();
      app.logs.length = 0;
      const answers = [await user.get(GRAPHS), await user.get(`${GRAPHS}/x`), await user.get('/nothing')];
      const lines = app.logs.map((line) => JSON.parse(line) as Record<string, unknown>);
      const requests = lines.filter(({ msg }) => msg === 'request');
      expect(requests.map(({ request_id, status }) => [request_id, status])).toEqual(
        answers.map(({ headers, status }) => [headers.get('x-request-id'), status]),
      );
      expect(requests[0]).toMatchObject({ method: 'GET', route: GRAPHS, user_id: user.userId });
      expect(lines.every(({ time }) => typeof time === 'string' && !Number.isNaN(Date.parse(time)))).toBe(
        true,
      );
    } finally {
      await app.close();
    }
  });
});
