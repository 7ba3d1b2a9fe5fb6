import type { RestoreTarget } from '../graphs.service';
import type { RestoreBody } from './graph.dto';
import { parseInstant } from '../../platform/clock/instant';
import { invalid } from '../../platform/errors/app-error';

/** The target of a restore: exactly one of version and time. */
export function restoreTarget({ version, at }: RestoreBody): RestoreTarget {
  const time = at === undefined ? null : parseInstant(at);
  if (version !== undefined && at === undefined) return { version };
  if (version === undefined && time !== null) return { at: time };
  throw invalid([{ field: 'version', message: 'give either "version" or "at"' }]);
}
