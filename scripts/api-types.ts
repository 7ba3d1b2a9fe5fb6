import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';
import { createService } from '../src/app.setup';
import { AppConfig } from '../src/platform/config/app-config';
import { Log } from '../src/platform/logging/log';

const HEAD = '// Made by `npm run console:types` from the OpenAPI document. Do not edit.\n';

/** The types of requests and answers as TypeScript, from the OpenAPI document of a service without data. */
export async function apiTypes(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'graphomat-types-'));
  try {
    const config = AppConfig.from({ DATA_DIR: folder, CONSOLE: 'off' });
    const log = Log.create({ level: 'fatal', format: 'json' });
    const service = await createService(config, { log, jobs: 'manual' });
    await service.app.listen(0, '127.0.0.1');
    const response = await fetch(`${await service.app.getUrl()}/docs/openapi.json`);
    const document = (await response.json()) as Parameters<typeof openapiTS>[0];
    await service.close();
    return HEAD + astToString(await openapiTS(slim(document) as typeof document));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Members that say nothing about types. Without them the file changes only when the API does. */
const TEXTS = new Set(['description', 'summary', 'example', 'examples', 'tags', 'operationId', 'security']);

/** The document without texts and without error responses, which all have the same form. */
function slim(part: unknown, isNameList = false): unknown {
  if (Array.isArray(part)) return part.map((item) => slim(item));
  if (part === null || typeof part !== 'object') return part;
  const kept = Object.entries(part).filter(
    ([name]) => isNameList || (!TEXTS.has(name) && !/^[45]\d\d$/.test(name)),
  );
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      slim(value, !isNameList && (name === 'properties' || name === 'schemas' || name === 'paths')),
    ]),
  );
}
