import type { SourceItemRow } from './source-item.entity';
import type { SourceRow } from './source.entity';

export const SOURCE_STATUSES = ['ok', 'syncing', 'failing', 'paused', 'new'] as const;
export type SourceStatus = (typeof SOURCE_STATUSES)[number];

export const ITEM_STATES = ['synced', 'drifted', 'gone', 'failed', 'ignored'] as const;
export type ItemState = (typeof ITEM_STATES)[number];

/** What a source does at the moment. */
export function sourceStatus(row: SourceRow): SourceStatus {
  if (row.claimed_by !== null) return 'syncing';
  if (row.enabled === 0) return 'paused';
  if (row.failures > 0) return 'failing';
  return row.last_success_at === null ? 'new' : 'ok';
}

/** An item and its graph; nulls where there is no graph. */
export interface ItemWithGraph extends SourceItemRow {
  graph_sha256: Buffer | null;
  graph_deleted_at: number | null;
}

/** How an item and its graph stand to each other. */
export function itemState(row: ItemWithGraph): ItemState {
  if (row.gone_since !== null) return 'gone';
  if (row.failure !== null || row.graph_id === null) return 'failed';
  if (row.graph_sha256 === null || row.graph_deleted_at !== null) return 'ignored';
  return row.config_sha256?.equals(row.graph_sha256) ? 'synced' : 'drifted';
}
