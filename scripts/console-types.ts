// Writes the types of the API for the console from the OpenAPI document of this service: `npm run console:types`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiTypes } from './api-types';

const FILE = join(__dirname, '..', 'console', 'src', 'api', 'schema.ts');

void apiTypes().then((text) => writeFileSync(FILE, text));
