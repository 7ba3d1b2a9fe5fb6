/** What a pass over a tool found and did. */
export interface PassCounts {
  seen: number;
  created: number;
  changed: number;
  unchanged: number;
  /** Graphs that are called gone since this pass. */
  gone: number;
  failed: number;
}

export const NO_COUNTS: PassCounts = { seen: 0, created: 0, changed: 0, unchanged: 0, gone: 0, failed: 0 };

/** A graph that could not be read or stored. */
export interface FailedItem {
  remote_id: string;
  title: string;
  reason: string;
}
