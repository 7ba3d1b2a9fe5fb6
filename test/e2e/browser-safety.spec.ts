import { startApp, type TestApp } from '../support/app';

let app: TestApp;
afterEach(() => app.close());

it('tells browsers what not to do with an answer, whatever it is, and nothing of what runs here', async () => {
  app = await startApp();
  const user = await app.aUser();
  for (const path of ['/api/v1/graphs', '/api/v1/graphs/nothing', '/docs', '/health/live']) {
    const { headers } = await user.get(path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('strict-transport-security')).toBeNull();
    for (const name of ['x-powered-by', 'server', 'set-cookie']) expect(headers.get(name)).toBeNull();
  }
});

it('asks browsers for https only where a trusted proxy says that the request came over it', async () => {
  app = await startApp({ TRUST_PROXY: '1' });
  const over = (protocol: string) =>
    app.anonymous.get('/health/live', { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': protocol });
  const secure = await over('https');
  expect(secure.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
  expect((await over('http')).headers.get('strict-transport-security')).toBeNull();
});

it('lets no other origin in by itself', async () => {
  app = await startApp();
  const answer = await app.anonymous.get('/health/live', { origin: 'https://app.example.org' });
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
});

it('lets in the origins that the operator names, and no others', async () => {
  app = await startApp({ CORS_ORIGINS: 'https://app.example.org, https://other.example.org' });
  const ask = (origin: string) =>
    app.anonymous.send('OPTIONS', '/api/v1/graphs', undefined, {
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization, if-match',
    });
  const allowed = await ask('https://other.example.org');
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://other.example.org');
  expect(allowed.headers.get('access-control-allow-methods')).toContain('PUT');
  expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization');
  expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
  const stranger = await ask('https://evil.example.org');
  expect(stranger.headers.get('access-control-allow-origin')).not.toBe('https://evil.example.org');
  const read = await app.anonymous.get('/health/live', { origin: 'https://app.example.org' });
  expect(read.headers.get('access-control-expose-headers')).toContain('ETag');
});
