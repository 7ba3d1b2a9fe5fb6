import { createHash } from 'node:crypto';
import Sqlite from 'better-sqlite3';
import { Client } from 'pg';
import { PATIENCE_MS, within } from './within';

/** By table: how many rows, and a SHA-256 over all their columns. */
export type AllRows = Record<string, { rows: number; sha256: string }>;
type Cell = string | number | Buffer | null;
type Row = Record<string, Cell>;

/** TypeORM's list of what it has run has numbers of its own on each database. */
const NOT_OURS = ['migrations'];

/**
 * Every table that a database really has, whatever this program knows of it, read with the bare drivers; the same for
 * the same rows on SQLite and on PostgreSQL.
 */
export async function allRows(url: string): Promise<AllRows> {
  return url.startsWith('sqlite:') ? ofSqlite(url.slice('sqlite:///'.length)) : ofPostgres(url);
}

function ofSqlite(file: string): AllRows {
  const database = new Sqlite(file, { readonly: true, fileMustExist: true });
  try {
    const tables = database
      .prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
      .pluck()
      .all() as string[];
    return digests(tables, (table) => database.prepare(`SELECT * FROM "${table}"`).all() as Row[]);
  } finally {
    database.close();
  }
}

async function ofPostgres(url: string): Promise<AllRows> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    );
    const read = new Map<string, Row[]>();
    for (const { name } of rows) {
      const table = client.query<Row>(`SELECT * FROM "${name}"`);
      read.set(name, (await within(PATIENCE_MS, `the rows of ${name}`, table)).rows);
    }
    return digests([...read.keys()], (table) => read.get(table)!);
  } finally {
    await client.end();
  }
}

function digests(tables: string[], read: (table: string) => Row[]): AllRows {
  const ours = tables.filter((table) => !NOT_OURS.includes(table)).sort();
  return Object.fromEntries(ours.map((table) => [table, digest(read(table))]));
}

function digest(rows: Row[]): AllRows[string] {
  const lines = rows.map((row) =>
    JSON.stringify(
      Object.keys(row)
        .sort()
        .map((name) => [name, text(row[name]!)]),
    ),
  );
  return { rows: rows.length, sha256: createHash('sha256').update(lines.sort().join('\n')).digest('hex') };
}

// PostgreSQL's driver hands out 64-bit integers as text, SQLite's as numbers.
function text(value: Cell): string | null {
  if (value === null || typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : String(value);
}
