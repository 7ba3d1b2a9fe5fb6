import { Controller, Get, Module, Post } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants';
import { MonitoringModule } from '../../src/monitoring/monitoring.module';
import { Public } from '../../src/platform/access/access.decorators';
import { startApp, type TestApp } from '../support/app';
import { expectProblem } from '../support/problem';
import { rawRequest } from '../support/raw-http';
import { handlersOf, routesOf, type Handler } from '../support/routes';

const OUTSIDE = /^(health|metrics|docs)\b/;

const addressOf = ({ path }: Handler) => (OUTSIDE.test(path) ? `/${path}` : `/api/v1/${path}`);
const undeclared = (app: TestApp) =>
  handlersOf(app)
    .filter(({ access }) => access === undefined)
    .map(({ name }) => name);

describe('every route', () => {
  let app: TestApp;
  beforeAll(async () => {
    // The console's paths answer one static page; test/browser/console.spec.ts is about them.
    app = await startApp({ CONSOLE: 'off' });
  });
  afterAll(() => app.close());

  it('declares with @Allow or @Public who may use it', () => {
    expect(handlersOf(app).length).toBeGreaterThan(10);
    expect(undeclared(app)).toEqual([]);
  });

  it('belongs to a controller behind the guards, or to the documentation', () => {
    const known = new Set(handlersOf(app).map((handler) => `${handler.method} ${addressOf(handler)}`));
    const routes = routesOf(app);
    expect(routes.length).toBeGreaterThanOrEqual(known.size);
    expect(routes.filter((route) => !known.has(route) && !route.startsWith('GET /docs'))).toEqual([]);
    expect([...known].filter((route) => !routes.includes(route))).toEqual([]);
  });

  it('answers 401 without a token when it is not public, whatever is sent', async () => {
    const closed = handlersOf(app).filter(({ access }) => access && !('public' in access));
    expect(closed.length).toBeGreaterThan(8);
    for (const handler of closed) {
      const path = addressOf(handler).replace(/:\w+/g, '00000000-0000-7000-8000-000000000000');
      const headers = { 'content-type': 'application/json' };
      const bodies = ['GET', 'DELETE'].includes(handler.method) ? [undefined] : ['{}', 'not JSON', ''];
      for (const body of bodies) {
        const request = { method: handler.method, path, ...(body !== undefined && { headers, body }) };
        const answer = await rawRequest(app.url, request);
        expectProblem(answer, 401, 'not-signed-in');
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer\b/);
      }
    }
  });

  it('that is public is known to this list, so that a new one is a decision', () => {
    const open = handlersOf(app).filter(({ access }) => access && 'public' in access);
    expect(open.map((handler) => `${handler.method} ${addressOf(handler)}`).sort()).toEqual([
      'GET /api/v1/auth/registration',
      'GET /api/v1/notifications/weekly-summary/unsubscribe',
      'GET /health',
      'GET /health/live',
      'GET /health/ready',
      'GET /metrics',
      'POST /api/v1/auth/login',
      'POST /api/v1/auth/logout',
      'POST /api/v1/auth/password-reset',
      'POST /api/v1/auth/password-reset/confirm',
      'POST /api/v1/auth/refresh',
      'POST /api/v1/auth/register',
      'POST /api/v1/hooks/sources/:id',
      'POST /api/v1/notifications/weekly-summary/unsubscribe',
    ]);
  });
});

describe('a route that declares nothing', () => {
  @Controller('planted')
  class PlantedController {
    @Get()
    forgotten(): string {
      return 'open to everybody';
    }

    @Post('inside')
    alsoForgotten(): string {
      return 'open to everybody';
    }

    @Get('declared')
    @Public()
    declared(): string {
      return 'on purpose';
    }
  }

  @Module({ controllers: [PlantedController] })
  class PlantedModule {}

  // The real service, with one module more under one of its own.
  async function withPlanted(): Promise<TestApp> {
    const imports = Reflect.getMetadata(MODULE_METADATA.IMPORTS, MonitoringModule) as unknown[] | undefined;
    Reflect.defineMetadata(MODULE_METADATA.IMPORTS, [...(imports ?? []), PlantedModule], MonitoringModule);
    try {
      return await startApp();
    } finally {
      Reflect.defineMetadata(MODULE_METADATA.IMPORTS, imports ?? [], MonitoringModule);
    }
  }

  it('is refused to everybody, the administrator included, and found by the walk above', async () => {
    const app = await withPlanted();
    try {
      for (const client of [app.anonymous, await app.aUser(), await app.admin()]) {
        expectProblem(await client.get('/api/v1/planted'), 403, 'forbidden');
        expectProblem(await client.post('/api/v1/planted/inside', {}), 403, 'forbidden');
        expect((await client.get('/api/v1/planted/declared')).text).toBe('on purpose');
      }
      expect(undeclared(app)).toEqual(['PlantedController.forgotten', 'PlantedController.alsoForgotten']);
    } finally {
      await app.close();
    }
  });
});
