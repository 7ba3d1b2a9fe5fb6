import type { EntityManager } from 'typeorm';
import type { UserKeyRow } from '../platform/crypto/user-key.entity';
import { Statement, type SqlParams } from '../platform/database/statement';
import { COPIED_TABLES } from './domain/copied-tables';
import type { BlockTable, Removal, RowBlock } from './domain/row-block';
import type { RebuildProgressRow, VaultStateRow } from './domain/vault.entity';
import { ownMember } from '../platform/hardening/own-member';

/** Parameters of one statement; SQLite allows 32,766, PostgreSQL 65,535. */
const PARAMETERS = 2_000;
const IDENTIFIER = /^[a-z_][a-z0-9_]*$/;
const ON_GRAPHS = COPIED_TABLES.filter(({ columns }) => columns.includes('graph_key'));

const findGraph = new Statement<{ key: number }>(
  'SELECT key FROM graphs WHERE user_key = :user_key AND id = :id',
);
const removeGraph = new Statement('DELETE FROM graphs WHERE user_key = :user_key AND key = :graph_key');
const removeOnGraph = ON_GRAPHS.map(
  ({ table }) =>
    new Statement(`DELETE FROM "${table}" WHERE user_key = :user_key AND graph_key = :graph_key`),
);
const ONE_GRAPH = 'user_key = :user_key AND graph_key = :graph_key';
/** Removed versions of a graph: between two kept numbers, and after the last one. */
const removeOthers = (table: string) => ({
  between: new Statement(
    `DELETE FROM ${table} WHERE ${ONE_GRAPH} AND version > :after AND version <= :to AND version NOT IN (:...kept)`,
  ),
  behind: new Statement(`DELETE FROM ${table} WHERE ${ONE_GRAPH} AND version > :after`),
});
const removeVersions = removeOthers('versions');
const removeTexts = removeOthers('version_texts');
/** Kept numbers in one statement. A graph may have more of them than a statement can have parameters. */
const KEPT_AT_ONCE = 1_000;
const progress = new Statement<RebuildProgressRow>(
  'SELECT id, source, tip, segment, frames, finished FROM rebuild_progress WHERE id = 1',
);
const putProgress = new Statement(
  `INSERT INTO rebuild_progress (id, source, tip, segment, frames, finished) VALUES (1, :source, :tip, :segment, :frames, :finished)
   ON CONFLICT (id) DO UPDATE SET source = excluded.source, tip = excluded.tip, segment = excluded.segment,
   frames = excluded.frames, finished = excluded.finished`,
);
const putMaster = new Statement(
  'INSERT INTO master_keys (id, created_at) VALUES (:id, :created_at) ON CONFLICT (id) DO NOTHING',
);
const putKey = new Statement(
  `INSERT INTO user_keys (user_key, user_id, master_id, created_at, wrapped, destroyed_at) VALUES (:user_key, :user_id, :master_id, :created_at, :wrapped, :destroyed_at)
   ON CONFLICT (user_key) DO UPDATE SET user_id = excluded.user_id, master_id = excluded.master_id, wrapped = excluded.wrapped,
   destroyed_at = excluded.destroyed_at`,
);
const removeKeyless = COPIED_TABLES.filter(({ table, owner }) => table !== 'journal' && owner !== null).map(
  ({ table, owner }) =>
    new Statement(
      `DELETE FROM "${table}" WHERE "${owner}" NOT IN (SELECT user_key FROM user_keys WHERE destroyed_at IS NULL)`,
    ),
);
// A copy made during a purge contains the rest of the graph.
const removeGraphless = ON_GRAPHS.map(
  ({ table }) =>
    new Statement(
      `DELETE FROM "${table}" WHERE graph_key <> 0 AND NOT EXISTS
       (SELECT 1 FROM graphs WHERE graphs.user_key = "${table}".user_key AND graphs.key = "${table}".graph_key)`,
    ),
);
const forgetJournal = new Statement('DELETE FROM journal WHERE seq < :floor');
const putState = new Statement(
  `INSERT INTO vault_state (id, lineage, generation, next_index, stored_seq, seal, expired_seal, verified_seq, sweep_seq, needs_full)
   VALUES (1, :lineage, :generation, 0, 0, 0, 0, 0, 0, 1)
   ON CONFLICT (id) DO UPDATE SET lineage = excluded.lineage, generation = excluded.generation, next_index = 0, tip = NULL,
   tip_sha256 = NULL, stored_seq = 0, seal = 0, expired_seal = 0, verified_seq = 0, sweep_seq = 0, needs_full = 1`,
);
const restartSequence = new Statement(
  `SELECT setval(pg_get_serial_sequence('journal', 'seq'), GREATEST(1, (SELECT COALESCE(MAX(seq), 0) FROM journal)))`,
);
const counts = new Statement<RebuiltCounts>(
  `SELECT (SELECT COUNT(*) FROM users) AS users, (SELECT COUNT(*) FROM graphs) AS graphs, (SELECT COUNT(*) FROM versions) AS versions,
   (SELECT COUNT(*) FROM journal) AS events`,
);

const contents = new Statement<DatabaseContents>(
  `SELECT (SELECT COUNT(*) FROM users) AS users, (SELECT COUNT(*) FROM graphs) AS graphs,
   (SELECT COUNT(*) FROM (SELECT 1 FROM versions LIMIT 1) AS first_one) AS versions`,
);

/** What would be lost if the tables of a database were dropped; `versions` is 0 or 1. */
export interface DatabaseContents {
  users: number;
  graphs: number;
  versions: number;
}

/** What a rebuilt database contains. */
export interface RebuiltCounts {
  users: number;
  graphs: number;
  versions: number;
  events: number;
}

/** Loads segments into a database. */
export class RebuildStore {
  private readonly statements = new Map<string, Statement>();

  /** Adds rows; an existing one is replaced unless it is newer. */
  async load(em: EntityManager, { rows, ...table }: RowBlock): Promise<void> {
    const atOnce = Math.max(1, Math.floor(PARAMETERS / table.columns.length));
    for (let from = 0; from < rows.length; from += atOnce) {
      const part = rows.slice(from, from + atOnce);
      const params: SqlParams = {};
      part.forEach((row, i) => {
        for (const column of table.columns) params[`r${i}_${column}`] = ownMember(row, column)!;
      });
      await this.insert(table, part.length).run(em, params);
    }
  }

  async remove(em: EntityManager, removal: Removal): Promise<void> {
    if ('graph' in removal)
      return removeWholeGraph(em, removal.graph.user_key, Buffer.from(removal.graph.id, 'hex'));
    const { user_key, graph_key, kept, texts } = removal.versions;
    const place = { user_key, graph_key };
    await removeAllBut(em, removeVersions, place, kept);
    await removeAllBut(em, removeTexts, place, texts);
  }

  /** How far a rebuild into this database is; undefined for none, also with a schema before rebuilds. */
  progress(em: EntityManager): Promise<RebuildProgressRow | undefined> {
    return progress.one(em).catch(() => undefined);
  }

  async contents(em: EntityManager): Promise<DatabaseContents> {
    const { users, graphs, versions } = (await contents.one(em))!;
    return { users: Number(users), graphs: Number(graphs), versions: Number(versions) };
  }

  async putProgress(em: EntityManager, row: Omit<RebuildProgressRow, 'id'>): Promise<void> {
    await putProgress.run(em, { ...row });
  }

  async putKeys(em: EntityManager, keys: readonly UserKeyRow[]): Promise<void> {
    for (const key of keys) {
      // A destroyed key needs no master key: the database must not ask for one that a rotation has retired.
      if (key.destroyed_at === null)
        await putMaster.run(em, { id: key.master_id, created_at: key.created_at });
      await putKey.run(em, { ...key });
    }
  }

  /** Removes the rows of users whose key was destroyed: they can never be read. */
  async removeKeyless(em: EntityManager): Promise<void> {
    for (const statement of removeKeyless) await statement.run(em);
  }

  /** Removes the rest of graphs that were being purged when they were copied. */
  async removeGraphless(em: EntityManager): Promise<void> {
    for (const statement of removeGraphless) await statement.run(em);
  }

  async forgetJournal(em: EntityManager, floor: number): Promise<void> {
    await forgetJournal.run(em, { floor });
  }

  /** The next event gets a number above all that are there. SQLite does that by itself; a sequence must be set. */
  async restartNumbers(em: EntityManager): Promise<void> {
    if (em.queryRunner?.dataSource.options.type === 'postgres') await restartSequence.one(em);
  }

  /** Lets the database continue a line of copies: the next one is full and begins the generation after the given one. */
  async goOn(em: EntityManager, state: Pick<VaultStateRow, 'lineage' | 'generation'>): Promise<void> {
    await putState.run(em, { ...state });
  }

  async counts(em: EntityManager): Promise<RebuiltCounts> {
    const { users, graphs, versions, events } = (await counts.one(em))!;
    return {
      users: Number(users),
      graphs: Number(graphs),
      versions: Number(versions),
      events: Number(events),
    };
  }

  private insert(table: BlockTable, rows: number): Statement {
    const name = `${table.table} ${table.columns.join(' ')} ${rows}`;
    let statement = this.statements.get(name);
    if (!statement) {
      statement = insertOf(table, rows);
      this.statements.set(name, statement);
    }
    return statement;
  }
}

/** Removes the rows of a graph whose versions are not in `kept`, which is in order; an empty list removes nothing. */
async function removeAllBut(
  em: EntityManager,
  { between, behind }: ReturnType<typeof removeOthers>,
  place: { user_key: number; graph_key: number },
  kept: readonly number[],
): Promise<void> {
  if (kept.length === 0) return;
  let after = -1;
  for (let from = 0; from < kept.length; from += KEPT_AT_ONCE) {
    const part = kept.slice(from, from + KEPT_AT_ONCE);
    const to = part.at(-1)!;
    await between.run(em, { ...place, after, to, kept: part });
    after = to;
  }
  await behind.run(em, { ...place, after });
}

async function removeWholeGraph(em: EntityManager, userKey: number, id: Buffer): Promise<void> {
  const graph = await findGraph.one(em, { user_key: userKey, id });
  if (!graph) return;
  const place = { user_key: userKey, graph_key: graph.key };
  await removeGraph.run(em, place);
  for (const statement of removeOnGraph) await statement.run(em, place);
}

// Names come from an encrypted segment, but only plain ones get into a statement.
function insertOf({ table, key, columns }: BlockTable, rows: number): Statement {
  for (const name of [table, ...key, ...columns])
    if (!IDENTIFIER.test(name)) throw new Error('not a name of a table or column');
  const list = columns.map((column) => `"${column}"`).join(', ');
  const values = Array.from(
    { length: rows },
    (_, i) => `(${columns.map((column) => `:r${i}_${column}`).join(', ')})`,
  ).join(', ');
  const others = columns.filter((column) => !key.includes(column));
  const newer = others.includes('seq') ? ` WHERE excluded."seq" >= "${table}"."seq"` : '';
  const set = others.map((column) => `"${column}" = excluded."${column}"`).join(', ');
  return new Statement(
    `INSERT INTO "${table}" (${list}) VALUES ${values} ON CONFLICT (${key.map((column) => `"${column}"`).join(', ')}) DO UPDATE SET ${set}${newer}`,
  );
}
