import { startApp, type TestApp } from '../support/app';
import { ApiClient } from '../support/client';
import { GRAPHS, type GraphJson } from '../support/graphs';
import {
  exampleOf,
  lintOpenApi,
  operationsOf,
  type OpenApiDocument,
  type Operation,
} from '../support/openapi';
import { handlersOf } from '../support/routes';

const FORM = 'application/x-www-form-urlencoded';

let app: TestApp;
let text: string;
let document: OpenApiDocument;
let operations: Operation[];

beforeAll(async () => {
  app = await startApp();
  const answer = await app.anonymous.get('/docs/openapi.json');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  text = answer.text;
  document = answer.json<OpenApiDocument>();
  operations = operationsOf(document);
});
afterAll(() => app.close());

/** The operations, by name, of which something is not as it should be. */
const faulty = (isFaulty: (operation: Operation) => boolean) =>
  operations.filter(isFaulty).map(({ method, path }) => `${method.toUpperCase()} ${path}`);

const isProtected = ({ path, method }: Operation) =>
  handlersOf(app).some(
    (handler) =>
      handler.access &&
      !('public' in handler.access) &&
      handler.method.toLowerCase() === method &&
      path.endsWith(`/${handler.path.replace(/:(\w+)/g, '{$1}')}`),
  );

describe('the OpenAPI document', () => {
  it('is valid, also to a linter, with examples that fit their schemas', async () => {
    expect(document.openapi).toMatch(/^3\./);
    expect(await lintOpenApi(text)).toEqual([]);
  });

  it('describes every route of every controller, and nothing else', () => {
    const handlers = handlersOf(app).map(
      ({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`,
    );
    const described = operations.map(
      ({ method, path }) => `${method.toUpperCase()} ${path.replace(/^\/(api\/v1\/)?/, '')}`,
    );
    expect(described.sort()).toEqual(handlers.sort());
  });

  it('gives every operation a summary, a tag and a name of its own', () => {
    expect(faulty(({ summary, operationId, tags }) => !summary || !operationId || !tags?.length)).toEqual([]);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it('says of every protected operation that it needs the sign-in, and of no public one', () => {
    const [scheme] = Object.keys(document.components.securitySchemes);
    expect(
      faulty(
        (operation) =>
          (operation.security ?? []).some((entry) => scheme! in entry) !== isProtected(operation),
      ),
    ).toEqual([]);
  });

  it('documents 401 and 403 on protected operations, 404 where an id stands, 400, 413 and 415 where a body is taken', () => {
    const expected = (operation: Operation) => [
      ...(isProtected(operation) ? ['401', '403'] : []),
      ...(operation.path.includes('{id}') ? ['404'] : []),
      ...(operation.requestBody ? ['400', '413', '415'] : []),
      ...(operation.path.startsWith('/api') ? ['500', '503'] : []),
    ];
    const missing = operations.flatMap((operation) =>
      expected(operation)
        .filter((status) => !(status in operation.responses))
        .map((status) => `${operation.method} ${operation.path} ${status}`),
    );
    expect(missing).toEqual([]);
  });

  it('shows every error as a problem with an example of that status', () => {
    const wrong = operations.flatMap(({ method, path, responses }) =>
      Object.entries(responses)
        .filter(([status]) => Number(status) >= 400 && path.startsWith('/api'))
        .filter(([status, { description, content }]) => {
          const media = content?.['application/problem+json'];
          const example = media?.example as { status?: number; type?: string } | undefined;
          return (
            description === '' ||
            media?.schema?.$ref !== '#/components/schemas/Problem' ||
            example?.status !== Number(status)
          );
        })
        .map(([status]) => `${method} ${path} ${status}`),
    );
    expect(wrong).toEqual([]);
  });

  it('shows what every success answers', () => {
    const wrong = operations.flatMap(({ method, path, responses }) =>
      Object.entries(responses)
        .filter(([status]) => Number(status) < 300 && status !== '204')
        .filter(([, { content }]) => !content || Object.values(content).some(({ schema }) => !schema))
        .map(([status]) => `${method} ${path} ${status}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has an example for every body that is text', () => {
    const without = operations.flatMap(({ method, path, requestBody }) =>
      Object.entries(requestBody?.content ?? {})
        .filter(([type]) => type !== 'application/zip')
        .filter(([, media]) => exampleOf(document, media) === undefined)
        .map(([type]) => `${method} ${path} ${type}`),
    );
    expect(without).toEqual([]);
  });

  it('has an example, a default or a description for every parameter', () => {
    const without = operations.flatMap(({ method, path, parameters = [] }) =>
      parameters
        .filter(
          ({ description, example, schema }) =>
            !description && !example && !schema?.default && !schema?.example,
        )
        .filter(({ schema }) => !('enum' in (schema ?? {})))
        .map(({ name }) => `${method} ${path} ${name}`),
    );
    expect(without).toEqual([]);
  });

  it('names each parameter once, and needs no header to be filled in by hand', () => {
    const wrong = operations.flatMap(({ method, path, parameters = [] }) => {
      const names = parameters.map((parameter) => `${parameter.in} ${parameter.name.toLowerCase()}`);
      const twice = names.filter((name, index) => names.indexOf(name) !== index);
      const needed = parameters.filter((parameter) => parameter.in === 'header' && parameter.required);
      return [...twice, ...needed.map(({ name }) => `${name} is required`)].map(
        (fault) => `${method} ${path}: ${fault}`,
      );
    });
    expect(wrong).toEqual([]);
  });

  it('shows the headers that clients live by', () => {
    const headers = (id: string, status: string) =>
      Object.keys(operations.find(({ operationId }) => operationId === id)?.responses[status]?.headers ?? {});
    expect(headers('createGraph', '201')).toEqual(
      expect.arrayContaining(['ETag', 'Last-Modified', 'Location']),
    );
    expect(headers('getGraph', '200')).toEqual(expect.arrayContaining(['ETag', 'Last-Modified']));
    expect(headers('listGraphs', '200')).toEqual(expect.arrayContaining(['X-Total-Count', 'Link']));
    expect(headers('listVersions', '200')).toEqual(expect.arrayContaining(['X-Total-Count', 'Link']));
    expect(headers('deleteGraph', '200')).toEqual(expect.arrayContaining(['ETag', 'Last-Modified']));
  });
});

describe('a form of Swagger UI', () => {
  const operation = (id: string) => operations.find((candidate) => candidate.operationId === id)!;

  it('makes no account and changes no password when somebody presses Execute without filling it in', async () => {
    const media = (id: string) => operation(id).requestBody?.content['application/json'] ?? {};
    const documented = (id: string) => exampleOf(document, media(id)) as Record<string, string>;
    const register = await app.anonymous.post(operation('register').path, documented('register'));
    expect(register.status).toBe(400);
    expect(register.json()).toMatchObject({ errors: [{ field: 'password' }] });
    expect((await app.anonymous.post(operation('login').path, documented('login'))).status).toBe(401);
    const user = await app.aUser();
    const { email, password } = user.credentials!;
    for (const current of [documented('changePassword')['current_password'], password]) {
      const body = { ...documented('changePassword'), current_password: current };
      expect((await user.put(operation('changePassword').path, body)).status).toBeGreaterThanOrEqual(400);
    }
    await app.anonymous.signIn(email, password);
  });

  it('takes an API token in "Authorize", for exactly the operations that a token can call', async () => {
    expect(document.components.securitySchemes['api-token']).toMatchObject({
      type: 'http',
      scheme: 'bearer',
    });
    const user = await app.aUser();
    const scopes = ['read', 'write', 'append'];
    const made = await user.post('/api/v1/auth/tokens', { name: 'everything', scopes });
    const machine = new ApiClient(app.url, made.json<{ token: string }>().token);
    const takesTokens = faulty(({ security = [] }) => security.some((entry) => 'api-token' in entry));
    const allowed = faulty(isProtected).map(async (operation) => {
      const [method, path] = operation.split(' ') as [string, string];
      const address = path.replaceAll(/\{\w+\}/g, '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11');
      return (await machine.send(method, address)).status === 403 ? [] : [operation];
    });
    expect((await Promise.all(allowed)).flat().sort()).toEqual(takesTokens.sort());
  });

  it('says everything once', () => {
    const twice = operations.flatMap(({ method, path, responses }) =>
      Object.entries(responses)
        .filter(([, { description }]) => /^(.+?)[\s\n]+\1$/s.test(description.trim()))
        .map(([status]) => `${method} ${path} ${status}`),
    );
    expect(twice).toEqual([]);
  });
});

describe('what the document shows can be tried', () => {
  const operation = (id: string) => operations.find(({ operationId }) => operationId === id) as Operation;
  const example = (id: string, type = 'application/json') =>
    exampleOf(document, operation(id).requestBody?.content[type] ?? {}) as Record<string, unknown>;

  it('registering, signing in by JSON and by form, with the examples and a password of one’s own', async () => {
    const password = 'a password of one’s own';
    const register = { ...example('register'), password };
    expect((await app.anonymous.post(operation('register').path, register)).status).toBe(201);
    const login = { ...example('login'), password };
    expect((await app.anonymous.post(operation('login').path, login)).status).toBe(200);
    expect(Object.keys(operation('login').requestBody?.content ?? {})).toContain(FORM);
    const form = new URLSearchParams({ ...(example('login', FORM) as Record<string, string>), password });
    const type = { 'content-type': FORM };
    expect((await app.anonymous.post(operation('login').path, form.toString(), type)).status).toBe(200);
  });

  it('"Authorize": the address of the token is the route that signs in', async () => {
    const [scheme] = Object.values(document.components.securitySchemes);
    expect(scheme?.type).toBe('oauth2');
    expect(scheme?.flows.password.tokenUrl).toBe(operation('login').path);
    const { email, password } = (await app.aUser()).credentials ?? { email: '', password: '' };
    const form = new URLSearchParams({ grant_type: 'password', username: email, password }).toString();
    const answer = await app.anonymous.post(scheme?.flows.password.tokenUrl ?? '', form, {
      'content-type': FORM,
    });
    expect(answer.json()).toMatchObject({ token_type: 'bearer', access_token: expect.any(String) });
  });

  it('making and changing a graph with the examples as they are', async () => {
    const user = await app.aUser();
    const made = await user.post(operation('createGraph').path, example('createGraph'));
    expect(made.status).toBe(201);
    const { id, config } = made.json<GraphJson>();
    expect(config).toEqual(example('createGraph')['config']);
    expect((await user.put(`${GRAPHS}/${id}`, example('updateGraph'))).status).toBe(200);
  });

  it('listing with every example and every choice of every query parameter', async () => {
    const user = await app.aUser();
    for (const { name, in: place, example: own, schema } of operation('listGraphs').parameters ?? []) {
      const choices = (schema as { enum?: unknown[] } | undefined)?.enum ?? [
        own ?? schema?.example ?? schema?.default,
      ];
      for (const choice of choices.filter((value) => value !== undefined && place === 'query')) {
        const answer = await user.get(`${GRAPHS}?${name}=${encodeURIComponent(String(choice))}`);
        expect([name, choice, answer.status]).toEqual([name, choice, 200]);
      }
    }
  });

  it('the fields that answers have are the ones the document shows', async () => {
    const user = await app.aUser();
    const graph = (await user.post(GRAPHS, { title: 'x' })).json<GraphJson>();
    const shown = (name: string) => Object.keys(document.components.schemas[name]?.properties ?? {}).sort();
    const always = shown('GraphView').filter((name) => name !== 'versions' && name !== 'source');
    expect(always).toEqual(Object.keys(graph).sort());
    const version = (await user.get(`${GRAPHS}/${graph.id}/versions/1`)).json();
    expect(shown('WholeVersionView')).toEqual(Object.keys(version).sort());
    expect(shown('UserView')).toEqual(Object.keys((await user.get('/api/v1/auth/me')).json()).sort());
  });
});

describe('Swagger UI', () => {
  it.each(['/docs', '/docs/'])(
    'is served at %s with everything it needs, and asks no other host',
    async (address) => {
      const page = await app.anonymous.get(address);
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toMatch(/^text\/html/);
      const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, asset]) => asset ?? '');
      expect(assets.length).toBeGreaterThan(3);
      for (const asset of assets) {
        const url = new URL(asset, app.url + address);
        expect(url.origin).toBe(app.url);
        const answer = await app.anonymous.get(url.pathname);
        expect([url.pathname, answer.status, answer.bytes.length > 100]).toEqual([url.pathname, 200, true]);
      }
    },
  );
});
