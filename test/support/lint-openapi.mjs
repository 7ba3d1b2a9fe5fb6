// Lints the OpenAPI document on standard input with Redocly's rules and prints what it finds as JSON. A process of
// its own, because the linter is published as ES modules only, with dependencies that are too.
import { createConfig, lintFromString } from '@redocly/openapi-core';

const RULES = {
  'operation-operationId': 'error',
  'operation-operationId-url-safe': 'error',
  'operation-summary': 'error',
  'operation-2xx-response': 'error',
  'operation-4xx-response': 'off',
  'operation-tag-defined': 'off',
  'no-empty-servers': 'error',
  'no-ambiguous-paths': 'error',
  'no-path-trailing-slash': 'error',
  'path-not-include-query': 'error',
  'no-invalid-media-type-examples': 'error',
  'no-invalid-schema-examples': 'error',
  'no-invalid-parameter-examples': 'error',
  'no-unused-components': 'error',
  'response-contains-property': 'off',
  'info-license': 'error',
};

let source = '';
process.stdin.setEncoding('utf8');
for await (const part of process.stdin) source += part;
const config = await createConfig({ extends: ['spec'], rules: RULES });
const found = await lintFromString({ source, absoluteRef: 'openapi.json', config });
const problems = found.map(({ ruleId, message, severity, location }) => ({
  ruleId,
  message,
  severity,
  where: location.map(({ pointer }) => pointer),
}));
process.stdout.write(JSON.stringify(problems));
