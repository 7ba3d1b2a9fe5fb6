import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../../platform/database/columns';

/**
 * Kinds of deferred work on a graph, by their stored number: remove the remaining rows of a purged graph (`sweep`),
 * pack the versions that pruning has rewritten (`repack`), pack a graph that has not changed for a while (`pack`).
 */
export const GRAPH_TASKS = { sweep: 0, repack: 1, pack: 2 } as const;

/** Deferred work on one graph; survives a crash. A `pack` row stays after it is complete and records how far the graph is packed. */
export interface GraphTaskRow {
  kind: number;
  user_key: number;
  graph_key: number;
  /** Work is complete up to `after_version` and ends at `up_to_version`. */
  after_version: number;
  up_to_version: number;
  /** For `pack`: when the graph is due, ms since the epoch; null: nothing new to pack. */
  due_at: number | null;
}

/** The table keeps its first name, `graph_chores`, so that older copies and tools find it. */
export const graphTaskSchema = (column: PortableColumns) =>
  new EntitySchema<GraphTaskRow>({
    name: 'graph_chores',
    columns: {
      kind: column.small({ primary: true, primaryKeyConstraintName: 'pk_graph_chores' }),
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_graph_chores' }),
      graph_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_graph_chores' }),
      after_version: column.int(),
      up_to_version: column.int(),
      due_at: column.int64({ nullable: true }),
    },
    indices: [{ name: 'ix_graph_chores_due_at', columns: ['due_at'] }],
  });
