import { parseInstant } from '../../platform/clock/instant';
import type { RecoveryRequest } from '../domain/recovery';
import type { RecoveryBody } from './recovery.dto';

/** Converts the validated request body; `at` becomes milliseconds since the epoch. */
export function recoveryRequest({ at, dry_run, graph_ids }: RecoveryBody): RecoveryRequest {
  return { at: parseInstant(at) ?? NaN, dryRun: dry_run, graphIds: graph_ids ?? null };
}
