import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement, type SqlParams } from '../platform/database/statement';
import { COPIED_TABLES, type CopiedTable } from './domain/copied-tables';
import type { ReadRows, Row, Value } from './domain/row-block';

/**
 * Rows are read in pages of about this many bytes; a larger row is a page of its own. On SQLite a page is read, packed
 * and, when it is loaded again, written without a pause: requests wait meanwhile.
 */
const PAGE_BYTES = 256 * 1024;
const PAGE_ROWS = 800;
/** Rows of the first page, before the size of rows is known. */
const FIRST_ROWS = 64;
/** Bytes of a row without its columns of bytes, to choose the size of a page. */
const ROW_BYTES = 200;

const graphKey = new Statement<{ key: number }>(
  'SELECT key FROM graphs WHERE user_key = :user_key AND id = :id',
);
const keptVersions = new Statement<{ version: number }>(
  'SELECT version FROM versions WHERE user_key = :user_key AND graph_key = :graph_key ORDER BY version',
);
const keptTexts = new Statement<{ version: number }>(
  'SELECT version FROM version_texts WHERE user_key = :user_key AND graph_key = :graph_key ORDER BY version',
);
const sealColumns = COPIED_TABLES.find(({ table }) => table === 'seals')!.columns;
const sealsAbove = new Statement<Row>(
  `SELECT ${sealColumns.join(', ')} FROM seals WHERE number > :after ORDER BY number LIMIT :limit`,
);
const migrations = new Statement<{ name: string }>('SELECT name FROM migrations ORDER BY timestamp');

/** How a page of a table is read: the rows with the lengths of their bytes first, so that a page fits into memory. */
interface Page {
  rows: Statement;
  /** One row with the bytes of all rows, joined by column. */
  joined: Statement;
  /** The bytes of one row. */
  single: Statement;
}

/** Reads what goes into a segment, page by page, so that memory does not grow with the database. */
@Injectable()
export class CopyStore {
  private readonly statements = new Map<string, { first: Page; next: Page }>();

  /** The rows of a table whose `seq` (or other mark) is above `from`, or all of them (`from` null), in pages; `em` must be a snapshot's. */
  async *pages(em: EntityManager, table: CopiedTable, from: number | null): AsyncGenerator<ReadRows> {
    const { first, next } = this.statementsFor(em, table, from);
    let limit = FIRST_ROWS;
    for (let last: Value[] | undefined; ;) {
      const page = last ? next : first;
      const params = { ...(from !== null && { from }), ...(last && after(table, from, last)) };
      const read = (await page.rows.values(em, { ...params, limit })) as Value[][];
      const rows = read.slice(0, fitting(table, read));
      last = rows.at(-1);
      if (!last) return;
      yield { rows, joined: await bytesOf(em, table, page, { ...params, limit: rows.length }) };
      // What did not fit is read again.
      limit = rows.length < read.length ? Math.ceil(rows.length * 1.25) : Math.min(PAGE_ROWS, limit * 4);
    }
  }

  /** The short key of a graph that still exists. */
  async graphKey(em: EntityManager, userKey: number, id: Buffer): Promise<number | undefined> {
    return (await graphKey.one(em, { user_key: userKey, id }))?.key;
  }

  /** The versions that a graph has, and the titles. */
  async kept(
    em: EntityManager,
    userKey: number,
    graphKey: number,
  ): Promise<{ kept: number[]; texts: number[] }> {
    const place = { user_key: userKey, graph_key: graphKey };
    const numbers = (rows: Array<{ version: number }>) => rows.map(({ version }) => version);
    return {
      kept: numbers(await keptVersions.all(em, place)),
      texts: numbers(await keptTexts.all(em, place)),
    };
  }

  /** The next seals of the journal above a number. */
  seals(em: EntityManager, after: number, limit: number): Promise<Row[]> {
    return sealsAbove.all(em, { after, limit });
  }

  /** The migrations that made the database's schema, in order. */
  async schema(em: EntityManager): Promise<string[]> {
    return (await migrations.all(em)).map(({ name }) => name);
  }

  private statementsFor(
    em: EntityManager,
    table: CopiedTable,
    from: number | null,
  ): { first: Page; next: Page } {
    const postgres = em.queryRunner?.dataSource.options.type === 'postgres';
    const name = `${table.table} ${from === null} ${postgres}`;
    let pages = this.statements.get(name);
    if (!pages) {
      pages = statementsOf(table, from, postgres);
      this.statements.set(name, pages);
    }
    return pages;
  }
}

// With everything to be read, the order of the primary key reads the table from its begin to its end.
function orderOf(table: CopiedTable, from: number | null): string[] {
  const mark = markOf(table);
  return from === null || table.key[0] === mark ? table.key : [mark, ...table.key];
}

function markOf({ mark }: CopiedTable): string {
  return mark ?? 'seq';
}

function statementsOf(
  table: CopiedTable,
  from: number | null,
  postgres: boolean,
): { first: Page; next: Page } {
  const order = orderOf(table, from);
  const past = `(${quoted(order)}) > (${order.map((column) => `:after_${column}`).join(', ')})`;
  const mark = markOf(table);
  const newer = from === null ? [] : [`"${mark}" > :from`];
  // Twice, so that the index on seq is used from the start of the page.
  const resumed = order[0] === mark ? [`"${mark}" >= :after_${mark}`, past] : [past];
  const { bytes = [] } = table;
  const page = (where: string[]): Page => {
    const select = (what: string) =>
      `SELECT ${what} FROM "${table.table}"${where.length > 0 ? ` WHERE ${where.join(' AND ')}` : ''} ORDER BY ${quoted(order)} LIMIT :limit`;
    const joined = bytes.map((column) => joinedOf(column, order, postgres)).join(', ');
    return {
      rows: new Statement(select(table.columns.map((column) => valueOf(column, bytes)).join(', '))),
      joined: new Statement(`SELECT ${joined} FROM (${select(quoted([...order, ...bytes]))}) AS page`),
      single: new Statement(select(quoted(bytes))),
    };
  };
  return { first: page(newer), next: page([...newer, ...resumed]) };
}

const valueOf = (column: string, bytes: readonly string[]) =>
  bytes.includes(column) ? `octet_length("${column}") AS "${column}"` : `"${column}"`;

// Both databases join bytes as they are, and leave nulls out.
function joinedOf(column: string, order: readonly string[], postgres: boolean): string {
  const joined = postgres
    ? `string_agg("${column}", ''::bytea ORDER BY ${quoted(order)})`
    : `CAST(group_concat("${column}", '' ORDER BY ${quoted(order)}) AS BLOB)`;
  return `${joined} AS "${column}"`;
}

/** The bytes of the rows of a page, by the places of their columns. */
async function bytesOf(
  em: EntityManager,
  { columns, bytes = [] }: CopiedTable,
  { single, joined }: Page,
  params: SqlParams,
): Promise<Array<Buffer | undefined>> {
  if (bytes.length === 0) return [];
  // A single row can be very large.
  const [found] = await (params['limit'] === 1 ? single : joined).values(em, params);
  return columns.map((column) => {
    const at = bytes.indexOf(column);
    return at < 0 ? undefined : ((found![at] as Buffer | null) ?? NO_BYTES);
  });
}

const NO_BYTES = Buffer.alloc(0);

function quoted(columns: readonly string[]): string {
  return columns.map((column) => `"${column}"`).join(', ');
}

function after(table: CopiedTable, from: number | null, last: readonly Value[]): SqlParams {
  const order = orderOf(table, from);
  return Object.fromEntries(
    order.map((column) => [`after_${column}`, last[table.columns.indexOf(column)] as number]),
  );
}

/** How many of the rows make a page: one at least. */
function fitting({ columns, bytes = [] }: CopiedTable, rows: readonly Value[][]): number {
  const places = bytes.map((column) => columns.indexOf(column));
  let size = 0;
  const over = rows.findIndex((row) => {
    size += ROW_BYTES;
    for (const place of places) size += Number(row[place]);
    return size > PAGE_BYTES;
  });
  return over < 0 ? rows.length : Math.max(1, over);
}
