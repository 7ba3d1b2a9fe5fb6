import type { TestApp } from './app';
import type { TestPlace } from './database';
import type { GraphJson } from './graphs';
import { rawSql } from './raw-database';
import { runJob } from './usage';

/** A graph's short keys, as the database knows it. */
export interface Place {
  user_key: number;
  graph_key: number;
}

export async function placeOf(place: TestPlace, graph: Pick<GraphJson, 'id'>): Promise<Place> {
  const id = Buffer.from(graph.id.replaceAll('-', ''), 'hex');
  const [row] = await rawSql(place, 'SELECT user_key, key FROM graphs WHERE id = ?', [id]);
  return { user_key: Number(row!['user_key']), graph_key: Number(row!['key']) };
}

/**
 * Gives a graph so many rows of history, by copying the few it has: enough for what only counts and removes rows. What
 * is added cannot be read.
 */
export async function lengthen(app: TestApp, place: Place, versions: number): Promise<void> {
  const { user_key, graph_key } = place;
  const columns = `change, status, text_version, created_at, valid_until, label, pinned, restored_from, config_bytes, seq, config_sha256, frame`;
  for (let have = (await rowsOn(app.place, place))['versions']!; have < versions; have *= 2) {
    await rawSql(
      app.place,
      `INSERT INTO versions (user_key, graph_key, version, base_version, ${columns})
       SELECT user_key, graph_key, version + ${have}, NULL, ${columns} FROM versions
       WHERE user_key = ${user_key} AND graph_key = ${graph_key} AND version + ${have} <= ${versions}`,
    );
  }
  // The counters know nothing of it yet.
  await runJob(app, 'usage-check');
}

/** Rows that are left on a graph, in whatever table. */
export async function rowsOn(
  place: TestPlace,
  { user_key, graph_key }: Place,
): Promise<Record<string, number>> {
  const left: Record<string, number> = {};
  for (const table of ['versions', 'version_texts', 'policies', 'graph_chores']) {
    const sql = `SELECT COUNT(*) AS n FROM ${table} WHERE user_key = ${user_key} AND graph_key = ${graph_key}`;
    left[table] = Number((await rawSql(place, sql))[0]!['n']);
  }
  return left;
}

export const NOTHING_LEFT = { versions: 0, version_texts: 0, policies: 0, graph_chores: 0 };
