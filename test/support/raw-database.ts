import Sqlite from 'better-sqlite3';
import { Client } from 'pg';
import { databaseKind, type TestPlace } from './database';

type Row = Record<string, unknown>;

/**
 * Runs SQL behind the service's back, as somebody with the database file or a login could. Parameters are `?`;
 * bytes are Buffers on both databases.
 */
export async function rawSql(place: TestPlace, sql: string, params: unknown[] = []): Promise<Row[]> {
  return databaseKind === 'sqlite' ? onSqlite(place, sql, params) : onPostgres(place, sql, params);
}

function onSqlite(place: TestPlace, sql: string, params: unknown[]): Row[] {
  const database = new Sqlite(place.databaseUrl.slice('sqlite:///'.length), { timeout: 5_000 });
  try {
    const statement = database.prepare(sql);
    if (statement.reader) return statement.all(...params) as Row[];
    statement.run(...params);
    return [];
  } finally {
    database.close();
  }
}

async function onPostgres(place: TestPlace, sql: string, params: unknown[]): Promise<Row[]> {
  let count = 0;
  const client = new Client({ connectionString: place.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Row>(
      sql.replace(/\?/g, () => `$${(count += 1)}`),
      params,
    );
    return rows;
  } finally {
    await client.end();
  }
}

/** The bytes with one bit turned over. */
export function flipBit(bytes: Buffer, at: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[at % bytes.length] = flipped[at % bytes.length]! ^ 1;
  return flipped;
}
