import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { graphColumns, type GraphRow } from '../../graphs/domain/graph.entity';
import type { PortableColumns } from '../../platform/database/columns';
import { versionColumns, type VersionRow } from '../../versions/domain/version.entity';

/** Columns of a graph's row that a change keeps, or that are set when the change is applied. */
const NOT_OF_GRAPH = ['user_key', 'key', 'id', 'seq', 'created_at', 'updated_at', 'prune_due_at'] as const;
/** Columns of a version's row that are empty for a new version, or that are set when the change is applied. */
const NOT_OF_VERSION = ['user_key', 'graph_key', 'valid_until', 'label', 'pinned', 'seq'] as const;

type Columns<Row> = { [Name in keyof Row]: EntitySchemaColumnOptions };

/**
 * A change that waits to be written together with others: an account recovery may hold more new states than fit into
 * memory. It has the columns of the graph's row and of the version's row as they will be. The user's next recovery
 * removes rows of a run that died.
 */
export interface StagedChangeRow
  extends Omit<GraphRow, (typeof NOT_OF_GRAPH)[number]>, Omit<VersionRow, (typeof NOT_OF_VERSION)[number]> {
  user_key: number;
  /** The run that it belongs to, 16 random bytes. */
  run: Buffer;
  graph_key: number;
  graph_id: Buffer;
  /** The graph's seq when it was read, for compare-and-set. */
  expected_seq: number;
}

export const stagedChangeSchema = (column: PortableColumns) =>
  new EntitySchema<StagedChangeRow>({
    name: 'staged_changes',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_staged_changes' }),
      run: column.bytes({ primary: true, primaryKeyConstraintName: 'pk_staged_changes' }),
      graph_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_staged_changes' }),
      graph_id: column.bytes(),
      expected_seq: column.int64(),
      ...without(versionColumns(column), NOT_OF_VERSION),
      ...without(graphColumns(column), NOT_OF_GRAPH),
    },
  });

function without<Row, Name extends keyof Row>(columns: Columns<Row>, names: readonly Name[]) {
  const kept = Object.entries(columns).filter(([name]) => !(names as readonly unknown[]).includes(name));
  return Object.fromEntries(kept) as Columns<Omit<Row, Name>>;
}
