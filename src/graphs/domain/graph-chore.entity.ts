import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../platform/database/columns';

/** What is still to be done to a graph, by its number: remove the rows of a purged one, pack a pruned one more tightly. */
export const CHORES = { sweep: 0, repack: 1 } as const;

/** Work on one graph that was begun or is owed, and must not be forgotten. */
export interface GraphChoreRow {
  kind: number;
  user_key: number;
  graph_key: number;
  /** Done up to this version, and to be done up to that one. */
  after_version: number;
  up_to_version: number;
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
    },
  });
