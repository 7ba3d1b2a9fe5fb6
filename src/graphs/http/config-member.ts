import { invalid } from '../../platform/errors/app-error';

const OPENS_OBJECT = '{'.charCodeAt(0);
const OPENS_ARRAY = '['.charCodeAt(0);

/** Refuses a `config` that is not a JSON object or array; its bytes are known to be JSON by now, without white space around. */
export function requireGraphJson<T extends { config?: Buffer }>(body: T): T {
  const first = body.config?.[0];
  if (first === undefined || first === OPENS_OBJECT || first === OPENS_ARRAY) return body;
  throw invalid([{ field: 'config', message: 'must be a JSON object or array' }]);
}
