import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** The parts of an OpenAPI document that the tests look at. */
export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; description: string; license: { name: string } };
  servers: Array<{ url: string }>;
  paths: Record<string, Record<string, OpenApiOperation>>;
  components: {
    schemas: Record<string, OpenApiSchema>;
    securitySchemes: Record<string, { type: string; flows: { password: { tokenUrl: string } } }>;
  };
}

export interface OpenApiOperation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: Array<Record<string, string[]>>;
  parameters?: OpenApiParameter[];
  requestBody?: { required?: boolean; content: Record<string, OpenApiMedia> };
  responses: Record<string, OpenApiResponse>;
}

export interface OpenApiParameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  example?: unknown;
  schema?: OpenApiSchema;
}

export interface OpenApiResponse {
  description: string;
  headers?: Record<string, unknown>;
  content?: Record<string, OpenApiMedia>;
}

export interface OpenApiMedia {
  schema?: OpenApiSchema;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}

export interface OpenApiSchema {
  $ref?: string;
  type?: string;
  enum?: string[];
  example?: unknown;
  default?: unknown;
  items?: OpenApiSchema;
  allOf?: OpenApiSchema[];
  required?: string[];
  properties?: Record<string, OpenApiSchema>;
}

/** One operation with its address. */
export interface Operation extends OpenApiOperation {
  method: string;
  path: string;
}

export function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
  );
}

/** The example of a body: its own, its schema's, or one put together out of the examples of the properties. */
export function exampleOf(document: OpenApiDocument, media: OpenApiMedia): unknown {
  const [named] = Object.values(media.examples ?? {});
  return media.example ?? named?.value ?? schemaExample(document, media.schema ?? {});
}

function schemaExample(document: OpenApiDocument, given: OpenApiSchema): unknown {
  const schema = resolved(document, given);
  if (schema.example !== undefined) return schema.example;
  if (!schema.properties) return undefined;
  const members = Object.entries(schema.properties)
    .map(([name, property]): [string, unknown] => [name, schemaExample(document, property)])
    .filter(([, value]) => value !== undefined);
  const missing = (schema.required ?? []).filter((name) => !members.some(([member]) => member === name));
  return members.length === 0 || missing.length > 0 ? undefined : Object.fromEntries(members);
}

function resolved(document: OpenApiDocument, schema: OpenApiSchema): OpenApiSchema {
  const name = schema.$ref?.replace('#/components/schemas/', '');
  return name === undefined ? schema : (document.components.schemas[name] ?? {});
}

/** What Redocly's linter has against a document; empty when it is valid. */
export function lintOpenApi(document: string): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const script = join(__dirname, 'lint-openapi.mjs');
    const linter = execFile(
      process.execPath,
      [script],
      { maxBuffer: 16_777_216 },
      (error, stdout, stderr) => {
        if (error) reject(new Error(`The linter failed: ${stderr}`));
        else resolve(JSON.parse(stdout) as unknown[]);
      },
    );
    linter.stdin?.end(document);
  });
}
