import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, getSchemaPath, type OpenAPIObject } from '@nestjs/swagger';
import { LoginForm, LoginJson } from './auth/http/auth.dto';
import { SIGN_IN_SCHEME } from './platform/access/access.decorators';
import type { AppConfig } from './platform/config/app-config';

const DESCRIPTION = `Keeps every version of every workflow graph, and brings any of them back byte for byte.

Sign in with **Authorize** (e-mail and password), then try any call here. Errors are \`application/problem+json\` (RFC 9457).`;

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
    );
  const document = SwaggerModule.createDocument(app, builder.build(), {
    extraModels: [LoginForm, LoginJson],
  });
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: PROBLEM_SCHEMA },
  };
  addLoginForm(document, config);
  return document;
}

/** The decorators support one schema for all content types of a body, but signing in accepts two. */
function addLoginForm(document: OpenAPIObject, config: AppConfig): void {
  const body = document.paths[`${config.get('API_V1_STR')}/auth/login`]?.post?.requestBody;
  if (!body || !('content' in body))
    throw new Error('The OpenAPI document has no sign-in route at the expected path.');
  body.content['application/x-www-form-urlencoded'] = { schema: { $ref: getSchemaPath(LoginForm) } };
}
