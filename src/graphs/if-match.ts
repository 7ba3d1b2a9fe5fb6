import { AppError } from '../platform/errors/app-error';
import { graphEtag, matchesEtag } from '../platform/http/etag';
import type { GraphRow } from './domain/graph.entity';

/** Throws 412 unless `ifMatch`, the value of an If-Match header, names the graph's current state or is missing. */
export function requireMatch(row: GraphRow, ifMatch: string | undefined): void {
  if (ifMatch === undefined) return;
  if (matchesEtag(ifMatch, graphEtag(row.version, row.config_sha256.toString('hex')))) return;
  throw new AppError(
    'stale',
    'stale-version',
    `The graph has changed: it is at version ${row.version} now. Read it again, then repeat your change on it.`,
  );
}
