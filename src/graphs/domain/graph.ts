import type { GraphSource } from './graph-source';
import type { GraphStatus } from './graph-status';
import type { GraphInfoRow } from './graph.entity';
import { uuidText } from '../../platform/ids/uuid';
import { statusName } from './graph-content';

/**
 * A graph as the API shows it: its current state, or its state at one of its versions. Times are ms since the epoch.
 */
export interface Graph {
  id: string;
  userId: string;
  title: string;
  description: string | null;
  status: GraphStatus;
  version: number;
  configBytes: number;
  configSha256: string;
  createdAt: number;
  updatedAt: number;
  deletedAt: number | null;
  purgeAt: number | null;
  /** The journal's sequence number of its newest change. */
  seq: number;
  /** The source that fills it; undefined for none, or if not requested. */
  source?: GraphSource;
  /** The exact bytes; undefined if not requested. */
  config?: Buffer;
}

/** Converts a row to the current state of the graph. */
export function graphOf(row: GraphInfoRow, userId: string, config?: Buffer): Graph {
  return {
    id: uuidText(row.id),
    userId,
    title: row.title,
    description: row.description,
    status: statusName(row.status),
    version: row.version,
    configBytes: row.config_bytes,
    configSha256: row.config_sha256.toString('hex'),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at,
    purgeAt: row.purge_at,
    seq: row.seq,
    ...(config && { config }),
  };
}
