import type { EntityManager } from 'typeorm';
import { Statement } from '../platform/database/statement';
import { COPIED_TABLES, type CopiedTable } from './domain/copied-tables';
import type { Row } from './domain/row-block';

/** A row is read with its frame: so many are in memory at a time. */
const PAGE = 50;

const account = new Statement<{ key: number; id: Buffer }>(
  'SELECT key, id FROM users WHERE email = :email AND deleted_at IS NULL',
);
const graph = new Statement<{ deleted_at: number | null }>(
  'SELECT deleted_at FROM graphs WHERE user_key = :user_key AND id = :id',
);
const candidates = new Statement<RestorableGraph>(
  `SELECT g.key AS key, g.id AS id, g.title AS title,
   (SELECT COUNT(*) FROM versions v WHERE v.user_key = g.user_key AND v.graph_key = g.key) AS versions
   FROM graphs g WHERE g.user_key = :user_key ORDER BY g.key`,
);

/** The tables that hold what belongs to one graph, and the graph's own row. */
const tableOf = (name: string): CopiedTable => COPIED_TABLES.find(({ table }) => table === name)!;
export const GRAPHS = tableOf('graphs');
export const ON_GRAPH = [tableOf('policies'), tableOf('version_texts'), tableOf('versions')];

const pages = new Map(
  ON_GRAPH.map(({ table, columns }) => {
    const place = columns.includes('version') ? 'version' : 'graph_key';
    const list = columns.map((column) => `"${column}"`).join(', ');
    const sql = `SELECT ${list} FROM "${table}" WHERE user_key = :user_key AND graph_key = :graph_key AND ${place} > :after ORDER BY ${place} LIMIT ${PAGE}`;
    return [table, { place, statement: new Statement<Row>(sql) }] as const;
  }),
);
const graphRow = new Statement<Row>(
  `SELECT ${GRAPHS.columns.map((column) => `"${column}"`).join(', ')} FROM graphs WHERE user_key = :user_key AND key = :graph_key`,
);

/** A graph of a user in a database that was built from copies. */
export interface RestorableGraph {
  key: number;
  /** The 16 bytes of its UUID. */
  id: Buffer;
  title: string;
  versions: number;
}

/** Reads graphs from a database that was built from copies, and finds them in the service's own one. */
export class GraphRestoreStore {
  /** An account that is not deleted, by its e-mail address in lower case. */
  account(em: EntityManager, email: string): Promise<{ key: number; id: Buffer } | undefined> {
    return account.one(em, { email });
  }

  /** An existing graph, in the trash or not. */
  graph(em: EntityManager, userKey: number, id: Buffer): Promise<{ deleted_at: number | null } | undefined> {
    return graph.one(em, { user_key: userKey, id });
  }

  async candidates(em: EntityManager, userKey: number): Promise<RestorableGraph[]> {
    const rows = await candidates.all(em, { user_key: userKey });
    return rows.map((row) => ({ ...row, versions: Number(row.versions) }));
  }

  graphRow(em: EntityManager, userKey: number, graphKey: number): Promise<Row | undefined> {
    return graphRow.one(em, { user_key: userKey, graph_key: graphKey });
  }

  /** The rows of one table that belong to a graph, in pages. */
  async *pages(
    em: EntityManager,
    { table }: CopiedTable,
    userKey: number,
    graphKey: number,
  ): AsyncGenerator<Row[]> {
    const { place, statement } = pages.get(table)!;
    for (let after = place === 'version' ? -1 : graphKey - 1; ;) {
      const rows = await statement.all(em, { user_key: userKey, graph_key: graphKey, after });
      const last = rows.at(-1);
      if (!last) return;
      yield rows;
      after = last[place] as number;
    }
  }
}
