import type { AgedVersion } from './version-views';
import type { VersionInfoRow } from './version.entity';

/** The columns that policies look at. */
export const AGED_COLUMNS =
  'version, created_at, CASE WHEN label IS NULL THEN 0 ELSE 1 END AS labelled, pinned, config_bytes, octet_length(frame) AS frame_bytes';

/** A row of these columns. */
export type AgedRow = Pick<VersionInfoRow, 'version' | 'created_at' | 'pinned' | 'config_bytes'> & {
  labelled: number;
  frame_bytes: number;
};

/** The version of a row, as policies see it. */
export function agedOf(row: AgedRow): AgedVersion {
  return {
    version: row.version,
    createdAt: row.created_at,
    labelled: row.labelled === 1,
    pinned: row.pinned === 1,
    configBytes: row.config_bytes,
    frameBytes: row.frame_bytes,
  };
}
