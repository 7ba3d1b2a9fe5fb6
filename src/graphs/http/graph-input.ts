import type { RestoreTarget } from '../graph-history.service';
import type { PartRequest } from '../graph-parts.service';
import type { RestoreBody } from './graph.dto';
import { parseInstant } from '../../platform/clock/instant';
import { AppError, invalid } from '../../platform/errors/app-error';

/** The target of a restore: exactly one of version and time. */
export function restoreTarget({ version, at }: RestoreBody): RestoreTarget {
  const time = at === undefined ? null : parseInstant(at);
  if (version !== undefined && at === undefined) return { version };
  if (version === undefined && time !== null) return { at: time };
  throw invalid([{ field: 'version', message: 'give either "version" or "at"' }]);
}

/** What to restore; `part` if only some nodes of a version are named. */
export function restoreRequest(body: RestoreBody): { target: RestoreTarget; part?: PartRequest } {
  const target = restoreTarget(body);
  if (body.nodes === undefined) {
    if (body.edges !== undefined) throw invalid([{ field: 'edges', message: 'is only used with "nodes"' }]);
    return { target };
  }
  if ('at' in target) throw invalid([{ field: 'at', message: 'give "version" with "nodes"' }]);
  return { target, part: { version: target.version, nodes: body.nodes } };
}

/** A dry run answers with content. 403 for a token without the scope `read`. */
export function requireReadable(mayRead: boolean): void {
  if (mayRead) return;
  throw new AppError('forbidden', 'forbidden', 'A dry run shows content. Use a token with the scope "read".');
}
