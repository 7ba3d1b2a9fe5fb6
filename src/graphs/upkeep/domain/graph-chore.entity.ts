import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../../platform/database/columns';

/**
 * What is still to be done to a graph, by its number: remove the rows of a purged one (`sweep`), pack what pruning has
 * encoded anew (`repack`), pack a graph that rests (`pack`).
 */
export const CHORES = { sweep: 0, repack: 1, pack: 2 } as const;

/** Work on one graph that was begun or is owed, and must not be forgotten. Of `pack` the row stays when it is done: it says how far. */
export interface GraphChoreRow {
  kind: number;
  user_key: number;
  graph_key: number;
  /** Done up to this version, and to be done up to that one. */
  after_version: number;
  up_to_version: number;
  /** Of `pack`: when the graph has rested long enough, ms since the epoch; null: nothing new is to be packed. */
  due_at: number | null;
}

export const graphChoreSchema = (column: PortableColumns) =>
  new EntitySchema<GraphChoreRow>({
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
