import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, getSchemaPath, type OpenAPIObject } from '@nestjs/swagger';
import { LoginForm, LoginJson } from './auth/http/auth.dto';
import { API_TOKEN_SCHEME, SIGN_IN_SCHEME } from './platform/access/access.decorators';
import type { AppConfig } from './platform/config/app-config';
import { describeProblem, PROBLEMS_OF_EVERY_ROUTE } from './platform/http/api-problems.decorator';

const DESCRIPTION = `Keeps every version of every workflow graph, and brings any of them back byte for byte.

Sign in with **Authorize**: e-mail and password, or an API token. Then try any call here. Errors are \`application/problem+json\` (RFC 9457).`;

/** The format of all error responses (RFC 9457). */
const PROBLEM_SCHEMA = {
  type: 'object' as const,
  description: 'What went wrong (RFC 9457). The last segment of `type` is a stable code.',
  required: ['type', 'title', 'status', 'detail', 'instance', 'request_id'],
  properties: {
    type: { type: 'string' as const, example: '/problems/invalid-input' },
    title: { type: 'string' as const, example: 'Bad Request' },
    status: { type: 'integer' as const, example: 400 },
    detail: { type: 'string' as const, description: 'What happened, and what to do next.' },
    instance: { type: 'string' as const, description: 'The requested path.' },
    request_id: { type: 'string' as const, description: 'Also in the logs and the audit log.' },
    errors: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        required: ['field', 'message'],
        properties: { field: { type: 'string' as const }, message: { type: 'string' as const } },
      },
    },
  },
};

/**
 * Serves the OpenAPI document at /docs/openapi.json and Swagger UI at /docs. The first request builds the document,
 * which takes about 100 ms.
 */
export function describeApi(app: NestFastifyApplication, config: AppConfig): void {
  SwaggerModule.setup('docs', app, () => createDocument(app, config), {
    jsonDocumentUrl: 'docs/openapi.json',
    yamlDocumentUrl: 'docs/openapi.yaml',
    customSiteTitle: config.get('PROJECT_NAME'),
    swaggerOptions: { persistAuthorization: true, tryItOutEnabled: true, displayRequestDuration: true },
  });
}

function createDocument(app: NestFastifyApplication, config: AppConfig): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle(config.get('PROJECT_NAME'))
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/', 'this service')
    .addOAuth2(
      {
        type: 'oauth2',
        flows: { password: { tokenUrl: `${config.get('API_V1_STR')}/auth/login`, scopes: {} } },
      },
      SIGN_IN_SCHEME,
    )
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'gob_…',
        description: 'An API token of `POST /auth/tokens`. It can call what its scopes allow.',
      },
      API_TOKEN_SCHEME,
    );
  const document = SwaggerModule.createDocument(app, builder.build(), {
    extraModels: [LoginForm, LoginJson],
  });
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: PROBLEM_SCHEMA },
  };
  addLoginForm(document, config);
  addCommonProblems(document, config);
  return document;
}

/** Added here and not by a decorator: two decorators on one route would print the same texts twice. */
function addCommonProblems(document: OpenAPIObject, config: AppConfig): void {
  const api = Object.entries(document.paths).filter(([path]) => path.startsWith(config.get('API_V1_STR')));
  for (const [, item] of api)
    for (const operation of [item.get, item.put, item.post, item.delete, item.patch])
      for (const status of PROBLEMS_OF_EVERY_ROUTE)
        if (operation) operation.responses[status] ??= describeProblem(status);
}

/** The decorators support one schema for all content types of a body, but signing in accepts two. */
function addLoginForm(document: OpenAPIObject, config: AppConfig): void {
  const body = document.paths[`${config.get('API_V1_STR')}/auth/login`]?.post?.requestBody;
  if (!body || !('content' in body))
    throw new Error('The OpenAPI document has no sign-in route at the expected path.');
  body.content['application/x-www-form-urlencoded'] = { schema: { $ref: getSchemaPath(LoginForm) } };
}
